//! In which order a thread makes the odd step of its part of the cells and as much of the next even step as it can.
//!
//! After the odd step of the first tasks, all slots before the least of their [`Task::ends`] have been used: what lies
//! there has arrived. All slots from the largest of the ends of the part before are used by nobody before this part.

use super::lattice::Q;
use super::links::Task;
use super::stream::{Half, Job, Which};
use std::ops::Range;

/// The odd step of a part, task by task, and behind it the even step of those tasks whose slots no other part uses, as
/// soon as this part has used them. Gives the tasks whose even step is made too.
pub(super) fn sweep(tasks: &[Task], part: Range<usize>) -> (Vec<Job>, Range<usize>) {
    let begins = if part.start == 0 { [0; Q] } else { tasks[part.start - 1].ends };
    let begin = begins.into_iter().max().expect("there are directions");
    let first = part.clone().find(|task| begin <= tasks[*task].places().start).unwrap_or(part.end);
    let (mut jobs, mut next) = (Vec::new(), first);
    for task in part.clone() {
        jobs.push(Job { half: Half::Odd, task, which: Which::All });
        let end = tasks[task].ends.into_iter().min().expect("there are directions");
        while next <= task && tasks[next].places().end <= end {
            jobs.push(Job { half: Half::Even, task: next, which: Which::Free });
            next += 1;
        }
    }
    (jobs, first..next)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tasks of one block, whose cells fetch from one block before to one behind.
    fn tasks(n: usize) -> Vec<Task> {
        let end = |row: usize, task: usize| 16 * (task + row % 3).min(n);
        (0..n).map(|task| Task { blocks: task..task + 1, ends: std::array::from_fn(|row| end(row, task)) }).collect()
    }

    #[test]
    fn even_steps_follow_the_odd_steps_of_all_neighbours() {
        let tasks = tasks(12);
        let (jobs, ahead) = sweep(&tasks, 4..10);
        // The first would need what the part before sends, the last what the part behind does.
        assert_eq!(ahead, 5..9);
        let at = |half: Half, task: usize| jobs.iter().position(|job| (job.half, job.task) == (half, task));
        for task in 4..10 {
            let odd = at(Half::Odd, task).unwrap();
            let even = at(Half::Even, task);
            assert_eq!(even.is_some(), ahead.contains(&task));
            assert!(even.is_none_or(|even| odd < even && at(Half::Odd, task + 1).unwrap() < even));
        }
        assert_eq!(jobs.len(), 6 + 4);
    }

    #[test]
    fn a_part_without_inside_steps_ahead_with_nothing() {
        let (jobs, ahead) = sweep(&tasks(12), 4..5);
        assert!(ahead.is_empty() && jobs.len() == 1);
    }
}
