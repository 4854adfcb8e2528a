//! Bodies of structures kept between commands, so that the next command on the same plan does not make them again.
//!
//! They are found by content: what a body is made from is in its key, so a result is the same with and without this shelf.
//! The least recently used go first when the bytes are more than the budget.

use crate::base::SegmentId;
use crate::plan::score::Body;
use std::sync::{Arc, Mutex, PoisonError};

/// What bodies may take together; the one used last is always kept.
const BYTES_MAX: usize = 512 << 20;

/// What a body is made from: its name, SNOMED CT code, the content of its object, and which segment of that.
pub(super) type Key = (String, Option<u64>, String, Option<SegmentId>);

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { kept: Vec::new() });

/// The last used bodies, the newest first.
#[derive(Debug)]
struct Shelf {
    kept: Vec<(Key, Arc<Body>)>,
}

impl Shelf {
    fn take(&mut self, key: &Key) -> Option<Arc<Body>> {
        let at = self.kept.iter().position(|(own, _)| own == key)?;
        let found = self.kept.remove(at);
        let body = Arc::clone(&found.1);
        self.kept.insert(0, found);
        Some(body)
    }

    fn put(&mut self, key: Key, body: Arc<Body>, bytes_max: usize) {
        self.kept.retain(|(own, _)| *own != key);
        self.kept.insert(0, (key, body));
        self.trim(bytes_max);
    }

    /// Let the least recently used go.
    fn trim(&mut self, bytes_max: usize) {
        let mut bytes = 0;
        let fits = self.kept.iter().position(|(_, body)| {
            // What was made of a body since it was put here counts too.
            bytes += body.bytes();
            bytes_max < bytes
        });
        self.kept.truncate(fits.unwrap_or(self.kept.len()).max(1));
    }
}

/// The body under `key`, made by `make` if it is not there. Two threads may make the same one; the later stays.
///
/// # Errors
/// Those of `make`.
pub(super) fn body<E>(key: Key, make: impl FnOnce() -> Result<Body, E>) -> Result<Arc<Body>, E> {
    let shelf = || SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    let known = {
        let mut shelf = shelf();
        let known = shelf.take(&key);
        shelf.trim(BYTES_MAX);
        known
    };
    if let Some(body) = known {
        return Ok(body);
    }
    let body = Arc::new(make()?);
    shelf().put(key, Arc::clone(&body), BYTES_MAX);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::ball;
    use crate::plan::score::BodyFrom;

    fn sphere(name: &str) -> (Key, Arc<Body>) {
        let from = BodyFrom::Surface(&ball(10.0, 1.0));
        ((name.to_owned(), None, "content".to_owned(), None), Arc::new(Body::new(name, None, "content".into(), &from)))
    }

    #[test]
    fn the_least_recently_used_go_when_there_is_no_room() {
        let mut shelf = Shelf { kept: Vec::new() };
        let all = ["a", "b", "c"].map(sphere);
        let bytes = all[0].1.bytes();
        assert!(10_000 < bytes, "{bytes}");
        for (key, body) in &all[..2] {
            shelf.put(key.clone(), Arc::clone(body), 5 * bytes / 2);
        }
        assert!(shelf.take(&all[0].0).is_some());
        shelf.put(all[2].0.clone(), Arc::clone(&all[2].1), 5 * bytes / 2);
        let names: Vec<&str> = shelf.kept.iter().map(|((name, ..), _)| name.as_str()).collect();
        assert_eq!(names, ["c", "a"]);
        shelf.put(all[1].0.clone(), Arc::clone(&all[1].1), 1);
        assert_eq!(shelf.kept.len(), 1, "the one used last stays, however large");
    }

    #[test]
    fn another_name_or_content_is_another_body() {
        let make = |name: &'static str, content: &'static str| {
            let key = (name.to_owned(), None, content.to_owned(), None);
            let mut made = false;
            let body = body(key, || {
                made = true;
                Ok::<Body, ()>(Body::new(name, None, content.into(), &BodyFrom::Surface(&ball(4.0, 1.0))))
            });
            (body.unwrap().name.clone(), made)
        };
        assert_eq!(make("shelf test 1", "x"), ("shelf test 1".into(), true));
        assert_eq!(make("shelf test 1", "x"), ("shelf test 1".into(), false));
        assert_eq!(make("shelf test 2", "x"), ("shelf test 2".into(), true));
        assert_eq!(make("shelf test 1", "y"), ("shelf test 1".into(), true));
    }
}
