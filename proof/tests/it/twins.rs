//! Two servers, one PostgreSQL, one object store.

mod s3 {
    use slipway_proof::twins::{Shared, prove};
    use slipway_testkit::{EngineKind, S3Server, TestDatabase};

    mod postgres {
        #[test]
        fn two_servers_are_one_installation() {
            slipway_testkit::block_on(super::two_servers_are_one_installation());
        }
    }

    async fn two_servers_are_one_installation() {
        let (database, store) = (TestDatabase::fresh(EngineKind::Postgres), S3Server::start());
        let url = crate::url(&database).unwrap();
        let endpoint = store.endpoint();
        let shared = Shared { program: crate::house(), postgres: &url, endpoint: &endpoint };
        let faults = prove(&shared, database.folder()).await.unwrap();
        assert_eq!(faults, [""; 0]);
    }
}
