//! Concurrent work on many profiles, at most [`MAX_CONCURRENT`] at a time.

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

/// A limit of concurrency that several lists of profiles share. Clones share it too.
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
        let mut remaining = names.into_iter();
        let mut running = FuturesUnordered::new();
        loop {
            // Not all at once: ten thousand waiting futures would waste memory.
            while running.len() < MAX_CONCURRENT {
                let Some(name) = remaining.next() else { break };
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
        let (running, max_running) = (Cell::new(0), Cell::new(0));
        let finished = RefCell::new(Vec::new());
        let work = |name: Name| {
            let (running, max_running) = (&running, &max_running);
            async move {
                running.set(running.get() + 1);
                max_running.set(max_running.get().max(running.get()));
                tokio::task::yield_now().await;
                running.set(running.get() - 1);
                name.as_str().len()
            }
        };
        let on_event = |event: PoolEvent<usize>| {
            if let PoolEvent::Finished(name, _) = event {
                finished.borrow_mut().push(name);
            }
        };
        tokio::join!(pool.for_each(names.clone(), work, &on_event), pool.for_each(names.clone(), work, &on_event));
        assert_eq!(max_running.get(), MAX_CONCURRENT);
        let mut finished = finished.into_inner();
        finished.sort_unstable();
        let mut expected = [names.clone(), names].concat();
        expected.sort_unstable();
        assert_eq!(finished, expected);
    }
}
