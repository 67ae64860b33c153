//! The settings of an object store, which belong together.

use super::{
    OBJECT_STORE_ENDPOINT, OBJECT_STORE_KEY, OBJECT_STORE_REGION, OBJECT_STORE_SECRET, OBJECT_STORE_URL,
    Reader,
};
use crate::object::{Cloud, CloudKind};

impl Reader<'_> {
    /// The object store; what belongs to one without it is a mistake, because somebody meant it to be used.
    pub(super) fn cloud(&mut self) -> Option<Cloud> {
        let cloud = self.optional(OBJECT_STORE_URL, Cloud::parse);
        let endpoint = self.optional(OBJECT_STORE_ENDPOINT, endpoint);
        let (key, secret) = (self.text(OBJECT_STORE_KEY), self.text(OBJECT_STORE_SECRET));
        if self.text(OBJECT_STORE_URL).is_none() {
            for setting in [OBJECT_STORE_ENDPOINT, OBJECT_STORE_KEY, OBJECT_STORE_SECRET] {
                if self.text(setting).is_some() {
                    self.refuse(setting, "is set without OBJECT_STORE_URL, so it would do nothing");
                }
            }
        }
        // Neither is right too: a machine in the provider's cloud may be let in for what it is.
        if cloud.as_ref().is_some_and(|cloud| cloud.kind == CloudKind::S3)
            && key.is_some() != secret.is_some()
        {
            self.refuse(OBJECT_STORE_KEY, "and OBJECT_STORE_SECRET belong together: set both or neither");
        }
        Some(Cloud { endpoint, region: self.text(OBJECT_STORE_REGION), key, secret, ..cloud? })
    }
}

fn endpoint(text: &str) -> Result<String, &'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match host.map(|host| host.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("must be an address such as https://minio.internal:9000"),
    }
}
