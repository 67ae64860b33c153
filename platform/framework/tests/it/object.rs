//! Stored files, in a folder and in a bucket: what holds of one holds of the other.

use slipway_framework::db::Durability;
use slipway_framework::http::Problem;
use slipway_framework::object::{Cloud, Hash, ObjectError, Objects};
use slipway_testkit::S3Server;
use std::future::Future;

fn bucket(server: &S3Server, address: &str) -> Objects {
    let cloud = Cloud {
        endpoint: Some(server.endpoint()),
        key: Some("key".to_owned()),
        secret: Some("secret".to_owned()),
        ..Cloud::parse(address).unwrap()
    };
    Objects::in_cloud(&cloud).unwrap()
}

/// What every store keeps.
async fn keeps_the_contract(objects: &Objects) {
    objects.ping().await.unwrap();
    let (small, empty, large) = (b"a pen".to_vec(), Vec::new(), vec![7; 6 << 20]);
    for bytes in [small.clone(), small, empty, large] {
        let hash = objects.put(bytes.clone()).await.unwrap();
        assert_eq!(hash, Hash::of(&bytes));
        assert_eq!(objects.get(hash).await.unwrap(), bytes);
    }
    let hash = Hash::of(b"a pen");
    for _ in 0..2 {
        objects.delete(hash).await.unwrap();
    }
    assert!(matches!(objects.get(hash).await, Err(ObjectError::Missing(missing)) if missing == hash));
}

fn block_on<T>(test: impl Future<Output = T>) -> T {
    slipway_testkit::block_on(test)
}

#[test]
fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    block_on(keeps_the_contract(&Objects::in_folder(folder.path(), Durability::Full).unwrap()));
}

mod s3 {
    use super::*;

    #[test]
    fn a_bucket_keeps_the_contract_below_its_prefix() {
        let server = S3Server::start();
        block_on(async {
            keeps_the_contract(&bucket(&server, "s3://files/apps/slipway")).await;
            // Two installations in one bucket know nothing of each other.
            let (mine, theirs) = (bucket(&server, "s3://files/mine"), bucket(&server, "s3://files/theirs"));
            let hash = mine.put(b"mine".to_vec()).await.unwrap();
            assert!(matches!(theirs.get(hash).await, Err(ObjectError::Missing(_))));
        });
    }

    #[test]
    fn a_store_that_is_not_there_is_busy_and_used_again_when_it_is_back() {
        let server = S3Server::start();
        let objects = bucket(&server, "s3://files");
        let port = server.port();
        block_on(async {
            let missing = bucket(&server, "s3://elsewhere").ping().await.unwrap_err().to_string();
            assert!(missing.contains("NoSuchBucket") || missing.contains("404"), "{missing}");
            drop(server);
            assert!(objects.ping().await.is_err());
            let refused = objects.put(b"a pen".to_vec()).await.unwrap_err();
            assert!(matches!(refused, ObjectError::Store(_)), "{refused}");
            assert_eq!(Problem::from(refused).status(), 503);
            let server = S3Server::start_at(port);
            let hash = objects.put(b"a pen".to_vec()).await.unwrap();
            assert_eq!(objects.get(hash).await.unwrap(), b"a pen".as_slice());
            drop(server);
        });
    }
}
