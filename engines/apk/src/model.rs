//! What makes one app different from the next: the complete, checked input of a build.
//! It refuses to guess: no default icon, no default address, no clock, no counter for version codes.

pub(crate) mod address;
pub(crate) mod icons;

use crate::package_id::PackageId;
use address::{AddressError, Host, StartUrl};
use icons::{IconError, IconSet};
use thiserror::Error;

/// One app as the builder sees it. Two equal models give byte-identical packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppModel {
    pub package_id: PackageId,
    pub version: Version,
    pub label: Label,
    /// The page the app opens with. Its host must be one of `hosts`.
    pub start_url: StartUrl,
    /// The hosts that open inside the app and, on the web, open the app (Android App Links). One to [`MAXIMUM_HOSTS`].
    pub hosts: Vec<Host>,
    pub colours: Colours,
    pub texts: Texts,
    pub icons: IconSet,
    pub permissions: Permissions,
    pub mode: Mode,
}

/// More hosts than this overrun what Android verifies for App Links in reasonable time.
pub const MAXIMUM_HOSTS: usize = 20;

/// Where the package may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// For the developer's own phone: every host is `localhost` or below it, and cleartext to those hosts is permitted.
    Preview,
    /// For users: https only, public hosts only, no cleartext at all.
    Store,
}

/// The version of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub code: VersionCode,
    pub name: VersionName,
}

/// The number by which Android and the stores order releases: 1 to 2 100 000 000, the maximum Google Play accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionCode(u32);

/// The version as people read it: 1 to 30 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionName(String);

/// The name under the icon: 1 to 60 characters of any script, no control characters, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label(String);

/// One sentence or button text of the shell itself: 1 to 200 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(String);

/// The few words the shell says on its own, in the language of the brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Shown when the app's page could not be loaded.
    pub offline: Text,
    /// The button below it.
    pub retry: Text,
}

/// An opaque colour, `0xRRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(u32);

/// The colours of the app outside the web page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    /// Behind the page, the system bars and the splash screen.
    pub background: Colour,
    /// The accent of system dialogs and buttons.
    pub accent: Colour,
    /// Behind the foreground of the adaptive icon.
    pub icon_background: Colour,
}

/// What the app may ask the user for. Nothing unless the brand asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions {
    /// Lets a page of the app use the camera after the user agreed.
    pub camera: bool,
}

/// Why a model cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ModelError {
    #[error("version code {0} is outside 1 to 2100000000; the stores accept no other")]
    VersionCode(u32),
    #[error("a version name has 1 to 30 visible ASCII characters, such as \"1.4.2\"")]
    VersionName,
    #[error("a label has 1 to 60 characters, this one has {0}")]
    LabelLength(usize),
    #[error("the label contains the control character {0:?}; remove it")]
    LabelControl(char),
    #[error("the label starts or ends with a space; trim it")]
    LabelSpace,
    #[error("a text of the shell has 1 to 200 characters and no control characters")]
    Text,
    #[error("{0:?} is no colour; write it as #rrggbb")]
    Colour(String),
    #[error("an app has 1 to {MAXIMUM_HOSTS} hosts, this one has {0}")]
    HostCount(usize),
    #[error("host \"{0}\" is listed twice")]
    HostTwice(String),
    #[error("the host \"{0}\" of the start address is not among the hosts of the app; add it")]
    StartHost(String),
    #[error("a store build may not carry the local host \"{0}\"; build a preview or use a public host")]
    LocalHostInStore(String),
    #[error(
        "a preview permits cleartext, so it may not carry the public host \"{0}\"; use hosts under localhost"
    )]
    PublicHostInPreview(String),
    #[error("a store build starts with https, this address does not: {0}")]
    CleartextInStore(String),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Icon(#[from] IconError),
}

impl AppModel {
    /// Checks the rules that concern several fields; every build calls it first.
    ///
    /// # Errors
    /// [`ModelError`] names the host or address that breaks a rule of the mode.
    pub fn check(&self) -> Result<(), ModelError> {
        if !(1..=MAXIMUM_HOSTS).contains(&self.hosts.len()) {
            return Err(ModelError::HostCount(self.hosts.len()));
        }
        for (index, host) in self.hosts.iter().enumerate() {
            if self.hosts[..index].contains(host) {
                return Err(ModelError::HostTwice(host.to_string()));
            }
            match self.mode {
                Mode::Store if host.is_local() => return Err(ModelError::LocalHostInStore(host.to_string())),
                Mode::Preview if !host.is_local() => {
                    return Err(ModelError::PublicHostInPreview(host.to_string()));
                }
                Mode::Store | Mode::Preview => {}
            }
        }
        if !self.hosts.contains(self.start_url.host()) {
            return Err(ModelError::StartHost(self.start_url.host().to_string()));
        }
        if self.mode == Mode::Store && !self.start_url.is_https() {
            return Err(ModelError::CleartextInStore(self.start_url.as_str().to_owned()));
        }
        Ok(())
    }
}

impl VersionCode {
    /// # Errors
    /// [`ModelError::VersionCode`] outside 1 to 2 100 000 000.
    pub fn new(code: u32) -> Result<Self, ModelError> {
        if (1..=2_100_000_000).contains(&code) { Ok(Self(code)) } else { Err(ModelError::VersionCode(code)) }
    }

    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl VersionName {
    /// # Errors
    /// [`ModelError::VersionName`] if empty, longer than 30 or not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=30).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ModelError::VersionName)
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Label {
    /// # Errors
    /// [`ModelError::LabelLength`], [`ModelError::LabelControl`] or [`ModelError::LabelSpace`].
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let length = text.chars().count();
        if !(1..=60).contains(&length) {
            return Err(ModelError::LabelLength(length));
        }
        if let Some(control) = text.chars().find(|character| character.is_control()) {
            return Err(ModelError::LabelControl(control));
        }
        if text.trim() != text {
            return Err(ModelError::LabelSpace);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text {
    /// # Errors
    /// [`ModelError::Text`] if empty, longer than 200 characters or with control characters.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let allowed = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if allowed { Ok(Self(text.to_owned())) } else { Err(ModelError::Text) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Texts {
    /// The English texts, for brands that bring none of their own.
    #[must_use]
    pub fn english() -> Self {
        Self {
            offline: Text("This page cannot be reached. Check your connection and try again.".to_owned()),
            retry: Text("Try again".to_owned()),
        }
    }
}

impl Colour {
    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// [`ModelError::Colour`] for any other form.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or_else(|| ModelError::Colour(text.to_owned()))
    }

    /// As Android stores colours: `0xAARRGGBB`, fully opaque.
    #[must_use]
    pub fn argb(self) -> u32 {
        0xff00_0000 | self.0
    }

    /// Whether dark text reads better on it: relative luminance (WCAG 2.1 §1.4.3) above the point where the contrast to
    /// black equals the contrast to white.
    #[must_use]
    pub fn is_light(self) -> bool {
        let linear = |shift: u32| {
            let channel = f64::from(self.0 >> shift & 0xff) / 255.0;
            if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0);
        // (L + 0.05)² > 0.05 · 1.05
        (luminance + 0.05).powi(2) > 0.0525
    }
}

#[cfg(test)]
mod tests;
