//! A package id for apps whose partner names none: the app's host, backwards.

use slipway_apk::PackageId;

/// Makes an id from the host an app answers at: `verde.apps.example` becomes `example.apps.verde`. `None` when no rule of the stores can be
/// met that way.
pub(crate) fn suggest(host: &str) -> Option<String> {
    let words: Vec<String> = host.rsplit('.').map(word).collect();
    let plain = words.join(".");
    // A word of Java, or a name that is reserved, is no longer one behind a prefix or with a suffix.
    let behind = format!("app.{plain}");
    let suffixed = format!("app.{}_app", words.join("_app."));
    [plain, behind, suffixed].into_iter().find(|candidate| PackageId::parse(candidate).is_ok())
}

/// A label of a host as a word of a package id.
fn word(label: &str) -> String {
    let text = label.replace('-', "_");
    if text.starts_with(|first: char| first.is_ascii_lowercase()) { text } else { format!("a{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_gives_an_id_that_stores_take() {
        for (host, id) in [
            ("verde.apps.ejemplo.es", "es.ejemplo.apps.verde"),
            ("verde.localhost", "localhost.verde"),
            ("ver-de.localhost", "localhost.ver_de"),
            ("7up.localhost", "localhost.a7up"),
            ("verde.example.com", "app.com.example.verde"),
            ("class.localhost", "app.localhost_app.class_app"),
        ] {
            assert_eq!(suggest(host).as_deref(), Some(id), "{host}");
        }
        assert_eq!(suggest(&"a.".repeat(120)), None);
    }
}
