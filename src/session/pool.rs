//! Work on many profiles, at most [`MAX_CONCURRENT`] at a time.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Semaphore;

use crate::store::Name;

/// How many profiles are processed at a time.
pub(crate) const MAX_CONCURRENT: usize = 4;

#[derive(Clone, Debug)]
pub(crate) enum PoolEvent<T> {
    Started(Name),
    Finished(Name, T),
}

/// A limit that several lists of profiles share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pool(Arc<Semaphore>);

impl Default for Pool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_CONCURRENT)))
    }
}

impl Pool {
    /// Does `work` for each of `names`, in their order, and emits its events. Dropping the future cancels running work
    /// and starts no more.
    pub(crate) async fn for_each<T, W: Future<Output = T>>(
        &self,
        names: impl IntoIterator<Item = Name>,
        work: impl Fn(Name) -> W,
        on_event: &dyn Fn(PoolEvent<T>),
    ) {
        let mut waiting = names.into_iter();
        let mut running = FuturesUnordered::new();
        loop {
            // Not all at once: ten thousand waiting futures would waste memory.
            while running.len() < MAX_CONCURRENT {
                let Some(name) = waiting.next() else { break };
                let work = &work;
                running.push(async move {
                    // The semaphore is never closed; if it were, the work would still be done.
                    let _permit = self.0.acquire().await;
                    on_event(PoolEvent::Started(name.clone()));
                    let result = work(name.clone()).await;
                    on_event(PoolEvent::Finished(name, result));
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
        let on_event = |step: PoolEvent<usize>| {
            if let PoolEvent::Finished(name, _) = step {
                seen.borrow_mut().push(name);
            }
        };
        tokio::join!(pool.for_each(names.clone(), work, &on_event), pool.for_each(names.clone(), work, &on_event));
        assert_eq!(most.get(), MAX_CONCURRENT);
        let mut seen = seen.into_inner();
        seen.sort();
        let mut twice = [names.clone(), names].concat();
        twice.sort();
        assert_eq!(seen, twice);
    }
}
