//! A function dies at any await, or is told nothing: the same call again gives the
//! original result.

use domain::{
    fact::{Capture, Fact, KeyedFact},
    time::Instant,
};
use store::{
    RecordError,
    codec::StoredRow,
    item::{Item, Table},
    simulated::{
        Fault,
        workers::{Turn, Work, run_alone, run_by, run_steps},
    },
    tables::{Condition, Put},
};

use crate::{
    case::{Answer, Case, adjustment, at, keyed, order, redemption, refund},
    shop::{chain, enrolment},
};

/// A ledger, and the next fact for it.
struct Scene {
    name: &'static str,
    before: fn() -> Case,
    fact: KeyedFact,
    now: Instant,
    /// What is put in the same transaction.
    beside: Vec<Put>,
}

impl Scene {
    fn recording(&self, case: &Case) -> Work<'static, Answer> {
        case.recording_beside(&chain(0), &self.fact, self.now, self.beside.clone())
    }

    /// The last of something.
    fn with_stock(mut self) -> Scene {
        let item = Item::default().text("key", "stock#house#tote").text("sort", "1");
        let put = Put { table: Table::Registry, item, condition: Condition::Absent };
        self.beside.push(put);
        self
    }
}

/// One scene for each kind of row, and those in which more is written or read.
fn scenes() -> Vec<Scene> {
    let scene = |name, before, fact, seconds| Scene {
        name,
        before,
        fact: keyed(fact, "r1"),
        now: at(seconds),
        beside: Vec::new(),
    };
    let day = 86_400;
    let capture = Fact::Capture(Capture { hold: 3, points: None });
    vec![
        scene("enrolment", Case::empty, enrolment(), 5),
        scene("first order, with its marker", enrolled, order("o", 20_00), 90),
        scene("order", Case::with_points, order("o", 20_00), 90),
        scene("refund", Case::with_points, refund("r", "first", 10_00), 90),
        scene("refund before its order", Case::with_points, refund("r", "later", 10_00), 90),
        scene("redemption", Case::with_points, redemption(20, None), 90),
        scene("redemption of the last of its kind", Case::with_points, redemption(20, None), 90)
            .with_stock(),
        scene("hold, with its marker", Case::with_points, redemption(20, Some(30)), 90),
        scene("capture", with_hold, capture, 90),
        scene("release", with_hold, Fact::Release { hold: 3 }, 90),
        scene("adjustment", Case::with_points, adjustment(7), 90),
        scene(
            "the end of a lot, booked by the schedule",
            Case::with_points,
            Fact::Passing,
            40 * day,
        ),
        scene(
            "the end of a lot, booked by an order",
            Case::with_points,
            order("o", 1_00),
            40 * day,
        ),
        scene("the row with an index", with_63_rows, order("o", 20_00), 7_000),
        scene("an order beyond the window", with_63_rows, refund("r", "first", 10_00), 7_000),
    ]
}

fn enrolled() -> Case {
    let case = Case::empty();
    case.must(&keyed(enrolment(), "join"), at(0));
    case
}

fn with_hold() -> Case {
    let case = Case::with_points();
    case.must(&keyed(redemption(20, Some(30)), "hold"), at(80));
    case
}

fn with_63_rows() -> Case {
    let case = Case::with_points();
    for number in 3..=63 {
        case.must(&keyed(adjustment(number), &format!("n{number}")), at(100 * 60));
    }
    case
}

/// How the scene ends when nothing fails.
fn undisturbed(scene: &Scene) -> (StoredRow, Vec<StoredRow>) {
    let case = (scene.before)();
    let recorded = run_alone(scene.recording(&case)).unwrap();
    (recorded.stored, case.rows())
}

/// The call again, until it is answered; the passing of time may have been booked.
fn again(case: &Case, scene: &Scene, expected: &StoredRow) {
    let answer = loop {
        match run_alone(scene.recording(case)) {
            Err(RecordError::Failed(failure)) if failure.is_passing() => {}
            answer => break answer,
        }
    };
    match answer {
        Ok(recorded) => assert_eq!(&recorded.stored, expected, "{}", scene.name),
        Err(error) => assert_eq!(scene.fact.key, None, "{}: {error}", scene.name),
    }
}

#[test]
fn failure_07_killed_at_every_await_point_a_retry_gives_the_original() {
    for scene in scenes() {
        let (expected, rows) = undisturbed(&scene);
        let mut points = 0;
        loop {
            let case = (scene.before)();
            if run_steps(scene.recording(&case), points).is_some() {
                break;
            }
            again(&case, &scene, &expected);
            assert_eq!(case.rows(), rows, "{}, killed at step {points}", scene.name);
            points += 1;
        }
        assert!(points > 4, "{} has a read and a write", scene.name);
        println!("{}: killed at {points} points", scene.name);
    }
}

const FAULTS: [Fault; 5] =
    [Fault::Applied, Fault::Lost, Fault::Late, Fault::Throttled, Fault::Conflict];

#[test]
fn failure_08_a_write_without_an_answer_has_exactly_one_effect() {
    for scene in scenes() {
        let (expected, rows) = undisturbed(&scene);
        for fault in FAULTS {
            for write in 1..=3 {
                let case = (scene.before)();
                case.tables.plan(write, fault);
                case.tables.plan(write + 1, fault);
                again(&case, &scene, &expected);
                case.tables.calm();
                assert_eq!(case.rows(), rows, "{}: {fault:?} at write {write}", scene.name);
            }
        }
    }
}

#[test]
fn the_last_of_its_kind_goes_to_one_of_two_in_every_interleaving() {
    for bits in 0_u32..1 << 10 {
        let case = Case::with_points();
        let scene = |request: &str| {
            let (fact, now) = (keyed(redemption(20, None), request), at(90));
            Scene { name: "last", before: Case::with_points, fact, now, beside: vec![] }
                .with_stock()
        };
        let mut taken = 0;
        let works = [scene("a").recording(&case), scene("b").recording(&case)];
        let answers = run_by(works, |_| {
            taken += 1;
            Turn { worker: (bits >> (taken % 10) & 1) as usize, killed: false }
        });
        let (got, not): (Vec<_>, Vec<_>) = answers.into_iter().flatten().partition(Result::is_ok);
        assert_eq!((got.len(), not.len()), (1, 1), "{bits:b}");
        assert!(matches!(not[0], Err(RecordError::Beside(0))), "{:?}", not[0]);
        assert_eq!(case.rows().len(), 3);
    }
}
