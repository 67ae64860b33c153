//! A whole platform inside a test: both engines, a clock that is turned by hand, seeded randomness.
//!
//! It refuses to be shipped, and to fake anything that is ours: the database, the queue and the outbox are the real ones.

mod client;
mod clock;
mod database;
mod entropy;
mod house;
mod platform;
mod s3;

pub use client::{TestClient, TestReply};
pub use clock::VirtualClock;
pub use database::TestDatabase;
pub use entropy::SeededEntropy;
pub use house::TestHouse;
pub use platform::TestPlatform;
pub use s3::S3Server;
pub use slipway_framework::db::EngineKind;
pub use tokio;

/// Makes each listed `async fn(EngineKind)` into two tests, `sqlite::name` and `postgres::name`, so that the run prints the
/// engine beside each test. A function that is not listed is dead code and the compiler says so.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $crate::on_both_engines!(@one Sqlite, $($name),+);
        }
        mod postgres {
            $crate::on_both_engines!(@one Postgres, $($name),+);
        }
    };
    (@one $engine:ident, $($name:ident),+) => {$(
        #[test]
        fn $name() {
            $crate::block_on(super::$name($crate::EngineKind::$engine));
        }
    )+};
}

/// Runs a test on a runtime like the server's.
///
/// # Panics
/// When the runtime cannot be built.
pub fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be built").block_on(test)
}
