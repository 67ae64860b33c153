//! The element tree behind the manifest and the XML resources, with the framework attributes we use.
//! It is written once as binary XML (APK) and once as protobuf (AAB), so the two can never disagree.
//! It refuses to parse XML: no text of a user ever becomes an element.

use crate::table::ResourceId;

/// The XML namespace of every attribute with a resource id.
pub(crate) const ANDROID_NAMESPACE: &str = "http://schemas.android.com/apk/res/android";

/// An attribute, style item or resource as a typed value (`Res_value`, ResourceTypes.h).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Reference(ResourceId),
    Boolean(bool),
    Integer(i32),
    Flags(u32),
    /// `0xAARRGGBB`.
    Colour(u32),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What an attribute is called; `id` is the framework's resource id, or `None` for the few names outside the namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) text: &'static str,
    pub(crate) id: Option<u32>,
}

#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: Name,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: &'static str,
    /// Sorted by resource id, names without id last: the platform searches them binarily.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Node>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new() }
    }

    /// Adds an attribute at its sorted place.
    pub(crate) fn with(mut self, name: Name, value: impl Into<Value>) -> Self {
        let key = |name: Name| name.id.unwrap_or(u32::MAX);
        let place = self.attributes.partition_point(|attribute| key(attribute.name) <= key(name));
        self.attributes.insert(place, Attribute { name, value: value.into() });
        self
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.children.push(Node::Text(text.to_owned()));
        self
    }
}

/// Public framework attributes (AOSP `public-final.xml`); an id never changes once published.
pub(crate) mod attribute {
    use super::Name;

    const fn android(text: &'static str, id: u32) -> Name {
        Name { text, id: Some(id) }
    }

    const fn plain(text: &'static str) -> Name {
        Name { text, id: None }
    }

    pub(crate) const THEME: Name = android("theme", 0x0101_0000);
    pub(crate) const LABEL: Name = android("label", 0x0101_0001);
    pub(crate) const ICON: Name = android("icon", 0x0101_0002);
    pub(crate) const NAME: Name = android("name", 0x0101_0003);
    pub(crate) const EXPORTED: Name = android("exported", 0x0101_0010);
    pub(crate) const LAUNCH_MODE: Name = android("launchMode", 0x0101_001d);
    pub(crate) const CONFIG_CHANGES: Name = android("configChanges", 0x0101_001f);
    pub(crate) const VALUE: Name = android("value", 0x0101_0024);
    pub(crate) const SCHEME: Name = android("scheme", 0x0101_0027);
    pub(crate) const HOST: Name = android("host", 0x0101_0028);
    pub(crate) const WINDOW_BACKGROUND: Name = android("windowBackground", 0x0101_0054);
    pub(crate) const WINDOW_NO_TITLE: Name = android("windowNoTitle", 0x0101_0056);
    pub(crate) const DRAWABLE: Name = android("drawable", 0x0101_0199);
    pub(crate) const MIN_SDK_VERSION: Name = android("minSdkVersion", 0x0101_020c);
    pub(crate) const VERSION_CODE: Name = android("versionCode", 0x0101_021b);
    pub(crate) const VERSION_NAME: Name = android("versionName", 0x0101_021c);
    pub(crate) const WINDOW_SOFT_INPUT_MODE: Name = android("windowSoftInputMode", 0x0101_022b);
    pub(crate) const TARGET_SDK_VERSION: Name = android("targetSdkVersion", 0x0101_0270);
    pub(crate) const ALLOW_BACKUP: Name = android("allowBackup", 0x0101_0280);
    pub(crate) const REQUIRED: Name = android("required", 0x0101_028e);
    pub(crate) const SUPPORTS_RTL: Name = android("supportsRtl", 0x0101_03af);
    pub(crate) const COLOR_PRIMARY: Name = android("colorPrimary", 0x0101_0433);
    pub(crate) const COLOR_ACCENT: Name = android("colorAccent", 0x0101_0435);
    pub(crate) const STATUS_BAR_COLOR: Name = android("statusBarColor", 0x0101_0451);
    pub(crate) const NAVIGATION_BAR_COLOR: Name = android("navigationBarColor", 0x0101_0452);
    pub(crate) const WINDOW_LIGHT_STATUS_BAR: Name = android("windowLightStatusBar", 0x0101_04e0);
    pub(crate) const EXTRACT_NATIVE_LIBS: Name = android("extractNativeLibs", 0x0101_04ea);
    pub(crate) const USES_CLEARTEXT_TRAFFIC: Name = android("usesCleartextTraffic", 0x0101_04ec);
    pub(crate) const AUTO_VERIFY: Name = android("autoVerify", 0x0101_04ee);
    pub(crate) const NETWORK_SECURITY_CONFIG: Name = android("networkSecurityConfig", 0x0101_0527);
    pub(crate) const ROUND_ICON: Name = android("roundIcon", 0x0101_052c);
    pub(crate) const WINDOW_LIGHT_NAVIGATION_BAR: Name = android("windowLightNavigationBar", 0x0101_056c);
    pub(crate) const COMPILE_SDK_VERSION: Name = android("compileSdkVersion", 0x0101_0572);
    pub(crate) const COMPILE_SDK_VERSION_CODENAME: Name = android("compileSdkVersionCodename", 0x0101_0573);
    pub(crate) const SPLASH_BACKGROUND: Name = android("windowSplashScreenBackground", 0x0101_062c);
    pub(crate) const SPLASH_ICON: Name = android("windowSplashScreenAnimatedIcon", 0x0101_062d);
    pub(crate) const SPLASH_ICON_BACKGROUND: Name =
        android("windowSplashScreenIconBackgroundColor", 0x0101_0630);
    pub(crate) const ENABLE_ON_BACK_INVOKED: Name = android("enableOnBackInvokedCallback", 0x0101_066c);

    pub(crate) const PACKAGE: Name = plain("package");
    pub(crate) const PLATFORM_BUILD_VERSION_CODE: Name = plain("platformBuildVersionCode");
    pub(crate) const PLATFORM_BUILD_VERSION_NAME: Name = plain("platformBuildVersionName");
    pub(crate) const CLEARTEXT_PERMITTED: Name = plain("cleartextTrafficPermitted");
    pub(crate) const INCLUDE_SUBDOMAINS: Name = plain("includeSubdomains");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_sorted_by_id_and_plain_names_come_last() {
        let element = Element::new("manifest")
            .with(attribute::PACKAGE, "app.example")
            .with(attribute::VERSION_NAME, "1")
            .with(attribute::VERSION_CODE, Value::Integer(1));
        let names: Vec<_> = element.attributes.iter().map(|attribute| attribute.name.text).collect();
        assert_eq!(names, ["versionCode", "versionName", "package"]);
    }
}
