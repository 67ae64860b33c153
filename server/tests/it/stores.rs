//! A house whose files are in a bucket: an app is launched, its package fetched, and what no row names is swept.

mod s3 {
    use crate::people::{app, owner};
    use axum::http::Method;
    use slipway_framework::object::{Cloud, Objects};
    use slipway_testkit::{EngineKind, S3Server, TestHouse, on_both_engines};
    use std::time::Duration;

    on_both_engines!(an_app_is_launched_from_a_bucket, what_no_row_names_is_swept_from_the_bucket);

    fn house(engine: EngineKind, server: &S3Server) -> TestHouse {
        let cloud = Cloud {
            endpoint: Some(server.endpoint()),
            key: Some("key".to_owned()),
            secret: Some("secret".to_owned()),
            ..Cloud::parse("s3://files/slipway").unwrap()
        };
        let objects = Objects::in_cloud(&cloud).unwrap();
        crate::people::house(engine).restarted(slipway_server::modules(), |parts| parts.objects = objects)
    }

    async fn an_app_is_launched_from_a_bucket(engine: EngineKind) {
        let server = S3Server::start();
        let house = house(engine, &server);
        let mut owner = owner(&house, "harbour").await;
        let app = app(&house, &mut owner, "verde").await;
        let path = format!("/api/v1/apps/{}/releases", app["id"].as_str().unwrap());
        let releases = owner.get(&path).await.expect(200);
        let release = &releases["items"][0];
        let artefacts = release["artefacts"].as_array().unwrap();
        assert!(artefacts.len() >= 2, "{release}");
        for artefact in artefacts {
            let (release, sha256) = (release["id"].as_str().unwrap(), artefact["sha256"].as_str().unwrap());
            let got = owner.get(&format!("{path}/{release}/artefacts/{sha256}")).await;
            assert_eq!(got.status, 200);
            assert_eq!(slipway_framework::object::Hash::of(&got.bytes).to_string(), sha256);
        }
        let page = house.app("verde").get("/manifest.webmanifest").await;
        assert_eq!(page.status, 200);
        // The store goes away: an upload is told to come again, and nothing else suffers.
        let port = server.port();
        drop(server);
        let logo = include_bytes!("../../../examples/verde/logo.svg");
        let other = [logo.as_slice(), b"<!-- another -->"].concat();
        let refused =
            owner.send_bytes(Method::POST, "/api/v1/logos", Some("image/svg+xml"), other.clone()).await;
        assert_eq!(refused.problem().0, 503);
        let _ = owner.get("/api/v1/apps").await.expect(200);
        let _server = S3Server::start_at(port);
        let _ =
            owner.send_bytes(Method::POST, "/api/v1/logos", Some("image/svg+xml"), other).await.expect(201);
    }

    async fn what_no_row_names_is_swept_from_the_bucket(engine: EngineKind) {
        let server = S3Server::start();
        let house = house(engine, &server);
        let mut owner = owner(&house, "harbour").await;
        app(&house, &mut owner, "verde").await;
        let objects = house.platform().objects();
        let orphan = objects.put(b"nobody names this".to_vec()).await.unwrap();
        // The store's clock is the machine's.
        house.clock().set(
            slipway_kernel::Clock::now(&slipway_framework::clock::SystemClock) + Duration::from_hours(48),
        );
        let mut swept = 0;
        for _ in 0..3 {
            swept += house.clean().await.count("objects");
        }
        assert_eq!(swept, 1);
        assert!(objects.get(orphan).await.is_err());
    }
}
