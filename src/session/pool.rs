//! Many profiles, a few at once: LinkedIn is asked by at most [`AT_ONCE`] tasks together.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Semaphore;

use crate::store::Name;

/// How many profiles are worked on at once.
pub const AT_ONCE: usize = 4;

/// How the work on one of many profiles goes on.
#[derive(Clone, Debug)]
pub enum Step<T> {
    /// It begins.
    Began(Name),
    /// It ended with this.
    Ended(Name, T),
}

/// A limit that several lists of profiles share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Semaphore>);

impl Default for Pool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Pool {
    /// Does `work` for each of `names`, in their order, and tells each beginning and end. Dropping
    /// the future drops what is under way and begins nothing more.
    pub async fn each<T, W: Future<Output = T>>(
        &self,
        names: impl IntoIterator<Item = Name>,
        work: impl Fn(Name) -> W,
        tell: &dyn Fn(Step<T>),
    ) {
        let mut waiting = names.into_iter();
        let mut running = FuturesUnordered::new();
        loop {
            // Not all at once: ten thousand futures that only wait are memory for nothing.
            while running.len() < AT_ONCE {
                let Some(name) = waiting.next() else { break };
                let work = &work;
                running.push(async move {
                    // The limit is never closed; if it were, the work would still be due.
                    let _permit = self.0.acquire().await;
                    tell(Step::Began(name.clone()));
                    let ended = work(name.clone()).await;
                    tell(Step::Ended(name, ended));
                });
            }
            if running.next().await.is_none() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[tokio::test]
    async fn two_lists_share_the_limit_and_run_every_item() {
        let names: Vec<Name> = (0..50).map(|number| Name::parse(&format!("p{number}")).unwrap()).collect();
        let pool = Pool::default();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let seen = RefCell::new(Vec::new());
        let work = |name: Name| {
            let (now, most) = (&now, &most);
            async move {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                tokio::task::yield_now().await;
                now.set(now.get() - 1);
                name.as_str().len()
            }
        };
        let tell = |step: Step<usize>| {
            if let Step::Ended(name, _) = step {
                seen.borrow_mut().push(name);
            }
        };
        tokio::join!(pool.each(names.clone(), work, &tell), pool.each(names.clone(), work, &tell));
        assert_eq!(most.get(), AT_ONCE);
        let mut seen = seen.into_inner();
        seen.sort();
        let mut twice = [names.clone(), names].concat();
        twice.sort();
        assert_eq!(seen, twice);
    }
}
