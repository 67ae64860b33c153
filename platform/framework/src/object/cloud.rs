//! Object stores beyond this machine: S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.
//!
//! It refuses to wait long for a store that does not answer, and to tell its key to anybody.

use super::{ObjectError, Objects};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as StorePath;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take, and one request.
const CONNECT: Duration = Duration::from_secs(3);
const REQUEST: Duration = Duration::from_secs(30);
/// A store that stumbles is asked again for so long; then the caller is told that it does not answer.
const RETRIES: usize = 2;
const RETRYING: Duration = Duration::from_secs(5);
/// What stores of one region call it.
const REGION: &str = "us-east-1";

/// Whose protocol a store speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloudKind {
    S3,
    Gcs,
    Azure,
}

/// Where files are kept beyond this machine, and as whom they are asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Cloud {
    pub kind: CloudKind,
    /// A bucket; a container on Azure.
    pub bucket: String,
    /// Before every name, without slashes at its ends; empty for the bucket's root.
    pub prefix: String,
    /// The address of an S3-compatible server; the provider's own without it.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// The access key's id (S3), the account (Azure).
    pub key: Option<String>,
    /// The secret access key (S3), the account's key (Azure), the path of a service account's JSON file (Google).
    pub secret: Option<String>,
}

impl Cloud {
    /// Reads `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
    ///
    /// # Errors
    /// What the text must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = [("s3://", CloudKind::S3), ("gs://", CloudKind::Gcs), ("az://", CloudKind::Azure)]
            .into_iter()
            .find_map(|(scheme, kind)| Some((kind, text.strip_prefix(scheme)?)))
            .ok_or("must begin with s3://, gs:// or az://")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let fits = |text: &str, more: &[char]| {
            text.chars().all(|letter| letter.is_ascii_alphanumeric() || more.contains(&letter))
        };
        if !(3..=63).contains(&bucket.len()) || !fits(bucket, &['-', '.', '_']) {
            return Err("must name a bucket of 3 to 63 letters, digits, dots and dashes after ://, such as s3://files/slipway".to_owned());
        }
        if !fits(prefix, &['-', '.', '_', '/']) || prefix.split('/').any(|part| part == "..") {
            return Err(
                "must have a path of letters, digits, dots, dashes and slashes after the bucket".to_owned()
            );
        }
        Ok(Self {
            kind,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            endpoint: None,
            region: None,
            key: None,
            secret: None,
        })
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
        let plain = self.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let client =
            ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST).with_allow_http(plain);
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRYING };
        Ok(match self.kind {
            CloudKind::S3 => {
                let mut store = AmazonS3Builder::new()
                    .with_bucket_name(&self.bucket)
                    .with_region(self.region.as_deref().unwrap_or(REGION))
                    // Servers of one's own seldom have a host name for each bucket.
                    .with_virtual_hosted_style_request(self.endpoint.is_none())
                    .with_client_options(client)
                    .with_retry(retry);
                if let Some(endpoint) = &self.endpoint {
                    store = store.with_endpoint(endpoint);
                }
                if let Some(key) = &self.key {
                    store = store.with_access_key_id(key);
                }
                if let Some(secret) = &self.secret {
                    store = store.with_secret_access_key(secret);
                }
                Arc::new(store.build()?)
            }
            CloudKind::Gcs => {
                let mut store = GoogleCloudStorageBuilder::new()
                    .with_bucket_name(&self.bucket)
                    .with_client_options(client)
                    .with_retry(retry);
                if let Some(path) = &self.secret {
                    store = store.with_service_account_path(path);
                }
                Arc::new(store.build()?)
            }
            CloudKind::Azure => {
                let mut store = MicrosoftAzureBuilder::new()
                    .with_container_name(&self.bucket)
                    .with_client_options(client)
                    .with_retry(retry);
                if let Some(endpoint) = &self.endpoint {
                    store = store.with_endpoint(endpoint.clone());
                }
                if let Some(account) = &self.key {
                    store = store.with_account(account);
                }
                if let Some(secret) = &self.secret {
                    store = store.with_access_key(secret);
                }
                Arc::new(store.build()?)
            }
        })
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            CloudKind::S3 => "s3",
            CloudKind::Gcs => "gs",
            CloudKind::Azure => "az",
        };
        write!(formatter, "{scheme}://{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.prefix) }
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Objects {
    /// A bucket of an object store. A write is answered when the store has taken it; how durable that is, is the store's promise.
    ///
    /// # Errors
    /// [`ObjectError::Store`] when its key or address cannot be one. Nothing is asked of the store yet: see [`Objects::ping`].
    pub fn in_cloud(cloud: &Cloud) -> Result<Self, ObjectError> {
        let store = cloud.store().map_err(ObjectError::Store)?;
        let store: Arc<dyn ObjectStore> = match cloud.prefix.as_str() {
            "" => store,
            prefix => Arc::new(PrefixStore::new(store, StorePath::from(prefix))),
        };
        Ok(Self { store, sweeping: Arc::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_whole_or_refused_in_words() {
        for (text, shown) in [
            ("s3://files", "s3://files"),
            ("s3://files/", "s3://files"),
            ("s3://files/apps/slipway/", "s3://files/apps/slipway"),
            ("gs://my.files", "gs://my.files"),
            ("az://files/x", "az://files/x"),
        ] {
            assert_eq!(Cloud::parse(text).map(|cloud| cloud.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for text in [
            "",
            "files",
            "http://files",
            "s3:/files",
            "s3://",
            "s3://ab",
            "s3://a b c",
            "s3://files/..",
            "s3://files/a?b",
        ] {
            assert!(Cloud::parse(text).is_err_and(|reason| reason.starts_with("must ")), "{text}");
        }
    }

    #[test]
    fn nobody_is_told_the_key() {
        let (key, secret) = (Some("key".to_owned()), Some("hunter2".to_owned()));
        let cloud = Cloud { key, secret, ..Cloud::parse("s3://files").unwrap() };
        let objects = Objects::in_cloud(&cloud).unwrap();
        assert!(!format!("{cloud:?} {cloud} {objects:?}").contains("hunter2"));
    }
}
