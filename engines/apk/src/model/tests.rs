//! What the model takes and what it refuses.

use super::*;
use crate::fixture;
use proptest::prelude::*;

fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

#[test]
fn the_fixtures_are_sound() {
    assert_eq!(fixture::store().check(), Ok(()));
    assert_eq!(fixture::preview().check(), Ok(()));
}

#[test]
fn a_store_build_never_carries_a_preview_address() {
    let mut model = fixture::store();
    model.hosts.push(host("shop.localhost"));
    assert_eq!(model.check(), Err(ModelError::LocalHostInStore("shop.localhost".to_owned())));

    let mut model = fixture::preview();
    model.mode = Mode::Store;
    assert!(matches!(model.check(), Err(ModelError::LocalHostInStore(_))));

    let mut model = fixture::store();
    model.start_url = StartUrl::parse("http://shop.lumiere.example/").unwrap();
    assert!(matches!(model.check(), Err(ModelError::CleartextInStore(_))));
}

#[test]
fn a_preview_never_carries_a_public_host() {
    let mut model = fixture::preview();
    model.hosts.push(host("shop.lumiere.example"));
    assert_eq!(model.check(), Err(ModelError::PublicHostInPreview("shop.lumiere.example".to_owned())));
}

#[test]
fn the_hosts_are_counted_distinct_and_contain_the_start() {
    let mut model = fixture::store();
    model.hosts.clear();
    assert_eq!(model.check(), Err(ModelError::HostCount(0)));
    model.hosts = (0..21).map(|index| host(&format!("h{index}.example"))).collect();
    assert_eq!(model.check(), Err(ModelError::HostCount(21)));
    model.hosts = vec![host("a.example"), host("a.example")];
    assert_eq!(model.check(), Err(ModelError::HostTwice("a.example".to_owned())));
    model.hosts = vec![host("a.example")];
    assert_eq!(model.check(), Err(ModelError::StartHost("shop.lumiere.example".to_owned())));
}

#[test]
fn values_at_and_past_their_bounds() {
    assert!(VersionCode::new(1).is_ok() && VersionCode::new(2_100_000_000).is_ok());
    assert_eq!(VersionCode::new(0), Err(ModelError::VersionCode(0)));
    assert_eq!(VersionCode::new(2_100_000_001), Err(ModelError::VersionCode(2_100_000_001)));
    for refused in ["", "1 0", "caf\u{e9}", &"9".repeat(31)] {
        assert_eq!(VersionName::parse(refused), Err(ModelError::VersionName));
    }
    assert_eq!(Label::parse(""), Err(ModelError::LabelLength(0)));
    assert_eq!(Label::parse(&"x".repeat(61)), Err(ModelError::LabelLength(61)));
    assert_eq!(Label::parse("a\nb"), Err(ModelError::LabelControl('\n')));
    assert_eq!(Label::parse(" a"), Err(ModelError::LabelSpace));
    assert!(Label::parse(&"\u{1f388}".repeat(60)).is_ok(), "sixty characters beyond the basic plane");
    for refused in ["", "a\0b", &"x".repeat(201)] {
        assert_eq!(Text::parse(refused), Err(ModelError::Text));
    }
}

#[test]
fn colours_are_read_and_weighed() {
    assert_eq!(Colour::parse("#8b1e3f").map(Colour::argb), Ok(0xff8b_1e3f));
    for refused in ["8b1e3f", "#8b1e3", "#8b1e3g", "#+b1e3f", "#8b1e3f0"] {
        assert_eq!(Colour::parse(refused), Err(ModelError::Colour(refused.to_owned())));
    }
    let light = |text: &str| Colour::parse(text).unwrap().is_light();
    assert!(light("#ffffff") && light("#ffc800") && light("#777777"));
    assert!(!light("#000000") && !light("#8b1e3f") && !light("#6e6e6e"));
}

proptest! {
    #[test]
    fn any_visible_label_up_to_sixty_characters_is_kept(text in "[\\PC&&\\S]{1,60}") {
        let label = Label::parse(&text).unwrap();
        prop_assert_eq!(label.as_str(), text);
    }
}
