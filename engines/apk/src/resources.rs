//! From a model to everything in a package that is not code: manifest, resource table, XML documents, images.
//! It refuses to encode; the same [`Resources`] become binary XML in an APK and protobuf in a bundle.

use crate::code::ACTIVITY;
use crate::element::{Element, Name, Value, attribute as attr};
use crate::model::icons::Images;
use crate::model::{AppModel, Mode, ModelError};
use crate::table::{Configuration, Content, DENSITY_ANY, ResourceId, Table};

/// The lowest Android version the shell runs on: 7.0.
pub const MINIMUM_SDK: u32 = 24;
/// The Android version whose rules the shell follows: 16. Google Play asks for it since 2026-08-31.
pub const TARGET_SDK: u32 = 36;

/// `Theme.Material.NoActionBar` and its light twin (AOSP `public-final.xml`).
const THEME_DARK: ResourceId = ResourceId(0x0103_022e);
const THEME_LIGHT: ResourceId = ResourceId(0x0103_0241);

const ICON_DOCUMENT: &str = "res/mipmap-anydpi-v26/ic_launcher.xml";
const NETWORK_DOCUMENT: &str = "res/xml/network_security_config.xml";

/// Rotation, resizing, keyboards, dark mode and the like: the page adapts by itself and must not be reloaded.
/// fontScale, layoutDirection, density, smallestScreenSize, screenSize, uiMode, screenLayout, orientation,
/// keyboardHidden, keyboard, locale.
const HANDLED_CHANGES: u32 = 0x4000_3fb4;
const LAUNCH_SINGLE_TASK: i32 = 2;
const SOFT_INPUT_ADJUST_RESIZE: u32 = 0x10;

/// The first stage of a build: trees and files, not yet encoded.
#[derive(Debug)]
pub struct Resources {
    pub(crate) manifest: Element,
    pub(crate) table: Table,
    /// XML documents by path.
    pub(crate) documents: Vec<(&'static str, Element)>,
    /// PNG files by path.
    pub(crate) images: Vec<(String, Vec<u8>)>,
}

/// The ids the manifest refers to.
struct Ids {
    label: ResourceId,
    icon: ResourceId,
    theme: ResourceId,
    network: ResourceId,
}

impl Resources {
    /// Checks the model and lays out manifest, table and files.
    ///
    /// # Errors
    /// [`ModelError`] if the model breaks a rule of its mode.
    pub fn compose(model: &AppModel) -> Result<Self, ModelError> {
        model.check()?;
        let mut table = Table::new(model.package_id.as_str());
        let mut images = Vec::new();
        let background =
            table.add_value("color", "background", Value::Colour(model.colours.background.argb()));
        let icon_background =
            table.add_value("color", "icon_background", Value::Colour(model.colours.icon_background.argb()));
        let accent = table.add_value("color", "accent", Value::Colour(model.colours.accent.argb()));

        let mut launcher = image_variants(&mut images, "mipmap", "ic_launcher", &model.icons.legacy);
        let any_density = Configuration { density_dpi: DENSITY_ANY, sdk: 26 };
        launcher.push((any_density, Content::File(ICON_DOCUMENT.to_owned())));
        let icon = table.add("mipmap", "ic_launcher", launcher);
        let foreground = image_variants(&mut images, "mipmap", "ic_foreground", &model.icons.foreground);
        let foreground = table.add("mipmap", "ic_foreground", foreground);
        let monochrome = image_variants(&mut images, "mipmap", "ic_monochrome", &model.icons.monochrome);
        let monochrome = table.add("mipmap", "ic_monochrome", monochrome);
        let splash = model.icons.splash.as_ref().map(|splash| {
            let variants = image_variants(&mut images, "drawable", "splash", splash);
            table.add("drawable", "splash", variants)
        });

        let label = table.add_value("string", "app_name", Value::from(model.label.as_str()));
        let theme =
            table.add("style", "Shell", theme_variants(model, background, accent, icon_background, splash));
        let network = vec![(Configuration::default(), Content::File(NETWORK_DOCUMENT.to_owned()))];
        let network = table.add("xml", "network_security_config", network);
        let documents = vec![
            (ICON_DOCUMENT, adaptive_icon([icon_background, foreground, monochrome])),
            (NETWORK_DOCUMENT, network_security(model.mode)),
        ];
        let manifest = manifest(model, &Ids { label, icon, theme, network });
        Ok(Self { manifest, table, documents, images })
    }
}

/// Adds the files of an image and answers the variants that name them.
fn image_variants(
    files: &mut Vec<(String, Vec<u8>)>,
    folder: &str,
    name: &str,
    images: &Images,
) -> Vec<(Configuration, Content)> {
    images
        .iter()
        .map(|(density, png)| {
            let path = format!("res/{folder}-{}-v4/{name}.png", density.name());
            files.push((path.clone(), png.bytes().to_vec()));
            // Densities exist since API 4, which is why folder and configuration say so.
            (Configuration { density_dpi: density.dpi(), sdk: 4 }, Content::File(path))
        })
        .collect()
}

/// The theme for every system, for API 27 (light navigation bar) and for API 31 (splash screen).
fn theme_variants(
    model: &AppModel,
    background: ResourceId,
    accent: ResourceId,
    icon_background: ResourceId,
    splash: Option<ResourceId>,
) -> Vec<(Configuration, Content)> {
    let light = model.colours.background.is_light();
    let parent = if light { THEME_LIGHT } else { THEME_DARK };
    let common: Vec<(Name, Value)> = vec![
        (attr::WINDOW_BACKGROUND, Value::Reference(background)),
        (attr::WINDOW_NO_TITLE, Value::Boolean(true)),
        (attr::COLOR_PRIMARY, Value::Reference(accent)),
        (attr::COLOR_ACCENT, Value::Reference(accent)),
        (attr::STATUS_BAR_COLOR, Value::Reference(background)),
        (attr::WINDOW_LIGHT_STATUS_BAR, Value::Boolean(light)),
    ];
    let mut oldest = common.clone();
    // Before API 27 the buttons of the navigation bar are always white and need a dark bar.
    let bar = if light { Value::Colour(0xff00_0000) } else { Value::Reference(background) };
    oldest.push((attr::NAVIGATION_BAR_COLOR, bar));
    let mut middle = common;
    middle.push((attr::NAVIGATION_BAR_COLOR, Value::Reference(background)));
    middle.push((attr::WINDOW_LIGHT_NAVIGATION_BAR, Value::Boolean(light)));
    let mut newest = middle.clone();
    newest.push((attr::SPLASH_BACKGROUND, Value::Reference(background)));
    newest.push(match splash {
        Some(splash) => (attr::SPLASH_ICON, Value::Reference(splash)),
        None => (attr::SPLASH_ICON_BACKGROUND, Value::Reference(icon_background)),
    });
    [(0, oldest), (27, middle), (31, newest)]
        .map(|(sdk, items)| (Configuration { density_dpi: 0, sdk }, Content::style(parent, items)))
        .into()
}

fn adaptive_icon([background, foreground, monochrome]: [ResourceId; 3]) -> Element {
    let layer = |name, id| Element::new(name).with(attr::DRAWABLE, Value::Reference(id));
    Element::new("adaptive-icon")
        .child(layer("background", background))
        .child(layer("foreground", foreground))
        .child(layer("monochrome", monochrome))
}

/// No cleartext; a preview makes one exception, for the device itself.
fn network_security(mode: Mode) -> Element {
    let root = Element::new("network-security-config")
        .child(Element::new("base-config").with(attr::CLEARTEXT_PERMITTED, "false"));
    match mode {
        Mode::Store => root,
        Mode::Preview => {
            let domain = Element::new("domain").with(attr::INCLUDE_SUBDOMAINS, "true").text("localhost");
            root.child(Element::new("domain-config").with(attr::CLEARTEXT_PERMITTED, "true").child(domain))
        }
    }
}

fn manifest(model: &AppModel, ids: &Ids) -> Element {
    let sdk = |version: u32| Value::Integer(version.cast_signed());
    let mut manifest = Element::new("manifest")
        .with(attr::VERSION_CODE, Value::Integer(model.version.code.get().cast_signed()))
        .with(attr::VERSION_NAME, model.version.name.as_str())
        .with(attr::COMPILE_SDK_VERSION, sdk(TARGET_SDK))
        .with(attr::COMPILE_SDK_VERSION_CODENAME, "16")
        .with(attr::PACKAGE, model.package_id.as_str())
        .with(attr::PLATFORM_BUILD_VERSION_CODE, sdk(TARGET_SDK))
        .with(attr::PLATFORM_BUILD_VERSION_NAME, Value::Integer(16))
        .child(
            Element::new("uses-sdk")
                .with(attr::MIN_SDK_VERSION, sdk(MINIMUM_SDK))
                .with(attr::TARGET_SDK_VERSION, sdk(TARGET_SDK)),
        )
        .child(named("uses-permission", "android.permission.INTERNET"));
    if model.permissions.camera {
        // A permission implies that the hardware is required, unless it is said that it is not.
        let feature =
            named("uses-feature", "android.hardware.camera").with(attr::REQUIRED, Value::Boolean(false));
        manifest = manifest.child(named("uses-permission", "android.permission.CAMERA")).child(feature);
    }
    let application = Element::new("application")
        .with(attr::THEME, Value::Reference(ids.theme))
        .with(attr::LABEL, Value::Reference(ids.label))
        .with(attr::ICON, Value::Reference(ids.icon))
        .with(attr::ROUND_ICON, Value::Reference(ids.icon))
        .with(attr::ALLOW_BACKUP, Value::Boolean(false))
        .with(attr::SUPPORTS_RTL, Value::Boolean(true))
        .with(attr::USES_CLEARTEXT_TRAFFIC, Value::Boolean(false))
        .with(attr::NETWORK_SECURITY_CONFIG, Value::Reference(ids.network))
        .with(attr::EXTRACT_NATIVE_LIBS, Value::Boolean(false))
        .with(attr::ENABLE_ON_BACK_INVOKED, Value::Boolean(true));
    manifest.child(application.child(activity(model)))
}

fn activity(model: &AppModel) -> Element {
    let launcher = Element::new("intent-filter")
        .child(named("action", "android.intent.action.MAIN"))
        .child(named("category", "android.intent.category.LAUNCHER"));
    let mut activity = named("activity", ACTIVITY)
        .with(attr::EXPORTED, Value::Boolean(true))
        .with(attr::LAUNCH_MODE, Value::Integer(LAUNCH_SINGLE_TASK))
        .with(attr::CONFIG_CHANGES, Value::Flags(HANDLED_CHANGES))
        .with(attr::WINDOW_SOFT_INPUT_MODE, Value::Flags(SOFT_INPUT_ADJUST_RESIZE))
        .child(launcher);
    // Local hosts cannot be verified, so a preview claims no links.
    if model.mode == Mode::Store {
        activity = activity.child(app_links(model));
    }
    let colour = &model.colours.background;
    let foreground = if colour.is_light() { 0xff00_0000 } else { 0xffff_ffff };
    let hosts: Vec<&str> = model.hosts.iter().map(|host| host.as_str()).collect();
    let mut brand = vec![
        ("shell.start_url", Value::from(model.start_url.as_str())),
        ("shell.hosts", Value::Text(hosts.join(" "))),
        ("shell.background", Value::Colour(colour.argb())),
        ("shell.foreground", Value::Colour(foreground)),
        ("shell.offline", Value::from(model.texts.offline.as_str())),
        ("shell.retry", Value::from(model.texts.retry.as_str())),
    ];
    if model.mode == Mode::Preview {
        brand.push(("shell.preview", Value::Boolean(true)));
    }
    brand.into_iter().fold(activity, |activity, (name, value)| {
        activity.child(named("meta-data", name).with(attr::VALUE, value))
    })
}

/// Android App Links: the system asks each host for `/.well-known/assetlinks.json` and then opens its links here.
fn app_links(model: &AppModel) -> Element {
    let filter = Element::new("intent-filter")
        .with(attr::AUTO_VERIFY, Value::Boolean(true))
        .child(named("action", "android.intent.action.VIEW"))
        .child(named("category", "android.intent.category.DEFAULT"))
        .child(named("category", "android.intent.category.BROWSABLE"))
        .child(Element::new("data").with(attr::SCHEME, "https"));
    model
        .hosts
        .iter()
        .fold(filter, |filter, host| filter.child(Element::new("data").with(attr::HOST, host.as_str())))
}

fn named(element: &'static str, name: &str) -> Element {
    Element::new(element).with(attr::NAME, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Node;
    use crate::fixture;

    /// The tree as XML-like text, for reading in a test.
    fn print(element: &Element) -> String {
        let attributes: String = element
            .attributes
            .iter()
            .map(|attribute| format!(" {}={:?}", attribute.name.text, attribute.value))
            .collect();
        let children: String = element
            .children
            .iter()
            .map(|child| match child {
                Node::Element(child) => print(child),
                Node::Text(text) => text.clone(),
            })
            .collect();
        format!("<{}{attributes}>{children}</{}>", element.name, element.name)
    }

    #[test]
    fn a_store_build_permits_no_cleartext_and_claims_its_links() {
        let resources = Resources::compose(&fixture::store()).unwrap();
        let network = print(&resources.documents[1].1);
        assert!(!network.contains("domain") && !network.contains("true"), "{network}");
        let manifest = print(&resources.manifest);
        for part in [
            "autoVerify=Boolean(true)",
            "host=Text(\"www.lumiere.example\")",
            "https://shop.lumiere.example/",
        ] {
            assert!(manifest.contains(part), "{part} in {manifest}");
        }
        for part in ["shell.preview", "localhost", "http://", "CAMERA"] {
            assert!(!manifest.contains(part), "{part} in {manifest}");
        }
    }

    #[test]
    fn a_preview_permits_cleartext_for_localhost_only_and_claims_no_links() {
        let resources = Resources::compose(&fixture::preview()).unwrap();
        let network = print(&resources.documents[1].1);
        assert_eq!(
            network.matches("Text(\"true\")").count(),
            2,
            "one exception and its subdomains: {network}"
        );
        assert!(
            network.contains(">localhost</domain>")
                && network.contains("base-config cleartextTrafficPermitted=Text(\"false\")")
        );
        let manifest = print(&resources.manifest);
        assert!(manifest.contains("shell.preview") && !manifest.contains("autoVerify"));
    }

    #[test]
    fn the_camera_is_declared_only_when_asked_for() {
        let mut model = fixture::store();
        model.permissions.camera = true;
        let manifest = print(&Resources::compose(&model).unwrap().manifest);
        assert!(manifest.contains("android.permission.CAMERA"));
        assert!(manifest.contains("name=Text(\"android.hardware.camera\") required=Boolean(false)"));
    }

    #[test]
    fn the_splash_shows_its_own_image_or_the_icon() {
        let with = |model: &AppModel| {
            let table = Resources::compose(model).unwrap().table;
            let types: Vec<&str> = table.types.iter().map(|owner| owner.name).collect();
            types.contains(&"drawable")
        };
        let mut model = fixture::store();
        assert!(with(&model));
        model.icons.splash = None;
        assert!(!with(&model));
    }

    #[test]
    fn a_model_that_breaks_a_rule_is_not_composed() {
        let mut model = fixture::store();
        model.hosts.clear();
        assert_eq!(Resources::compose(&model).map(|_| ()), Err(ModelError::HostCount(0)));
    }
}
