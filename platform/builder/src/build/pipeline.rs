//! From inputs to signed packages: a function that announces each stage before it begins and when it ends.
//!
//! The same inputs, key and certificate give the same bytes, whoever asks and whenever. It knows no database and no clock; it refuses to
//! give out packages that it could not verify from their own bytes.

use super::both::both;
use super::stage::Stage;
use slipway_apk::{
    AppModel, Certificate, Code, Colour, Colours as ShellColours, Density, Host, IconSet as ShellIcons,
    Images, Label, Mode, PackageId, Permissions, Png, Purpose, Resources, Sign, Signer, StartUrl, Texts,
    Version, VersionCode, VersionName, assemble_apk, bundle_aab, sign_apk, verify_aab, verify_apk,
};
use slipway_brand::{Colours, IconSet, Logo, Rgb, android_icons, icon_background};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use thiserror::Error;

/// Everything that decides what the packages contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub package_id: String,
    /// 1 to 2 100 000 000.
    pub version_code: u32,
    pub version_name: String,
    /// Under the icon; 1 to 60 characters.
    pub name: String,
    /// The app's origin with a slash. Below `localhost` it makes a preview, which no store takes.
    pub start_url: String,
    pub colours: Colours,
    /// The logo's file.
    pub logo: Vec<u8>,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub apk: Vec<u8>,
    pub aab: Vec<u8>,
    /// 512 px, PNG, for the store's listing.
    pub store_icon: Vec<u8>,
}

/// Where a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    Began,
    Ended,
    /// With the reason, for people.
    Failed(&'a str),
}

/// Why whoever listens wants no more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Stop {
    #[error("the build was cancelled")]
    Cancelled,
    #[error("the progress cannot be written down: {0}")]
    Unavailable(String),
}

/// Why there are no packages.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PipelineError {
    #[error("{}: {message}", stage.title())]
    Stage { stage: Stage, message: String },
    #[error(transparent)]
    Stopped(#[from] Stop),
}

/// Hears of each stage; an error ends the build.
pub type Tell<'a> = dyn FnMut(Stage, Moment<'_>) -> Result<(), Stop> + 'a;

/// Builds and verifies the packages; every stage but the last, which stores them.
///
/// # Errors
/// [`PipelineError::Stage`] names the stage that failed, [`PipelineError::Stopped`] passes on what `tell` returned.
pub fn build_package(
    inputs: &Inputs,
    key: &dyn Sign,
    certificate: &Certificate,
    tell: &mut Tell<'_>,
) -> Result<Package, PipelineError> {
    let signer = Signer::new(key, certificate);
    let logo = run(tell, Stage::CheckAssets, || check(inputs))?;
    let (pictures, ground) = run(tell, Stage::Icons, || {
        let ground = icon_background(&logo, &inputs.colours);
        Ok((android_icons(&logo, ground), ground))
    })?;
    let resources = run(tell, Stage::Resources, || {
        Resources::compose(&model(inputs, &pictures, ground)?).map_err(words)
    })?;
    let unsigned = run(tell, Stage::Code, || Ok(assemble_apk(&resources, Code::shell())))?;
    // Neither needs the other, and signing is what takes long.
    for stage in [Stage::SignApk, Stage::BundleAab] {
        tell(stage, Moment::Began)?;
    }
    let (apk, aab) = both(
        || attempt(|| sign_apk(&unsigned, &signer).map_err(words)),
        || attempt(|| bundle_aab(&resources, Code::shell(), &signer).map_err(words)),
    );
    // Both ends are told, whatever became of the other.
    let (apk, aab) = (ended(tell, Stage::SignApk, apk), ended(tell, Stage::BundleAab, aab));
    let (apk, aab) = (apk?, aab?);
    let store_icon = run(tell, Stage::Verify, || {
        let (of_apk, of_aab) = both(
            || verify_apk(&apk, certificate).map_err(words),
            || verify_aab(&aab, certificate).map_err(words),
        );
        of_apk?;
        of_aab?;
        picture(&pictures, "play/icon-512.png")
    })?;
    Ok(Package { apk, aab, store_icon })
}

/// Does one stage between its two announcements.
fn run<T>(
    tell: &mut Tell<'_>,
    stage: Stage,
    work: impl FnOnce() -> Result<T, String>,
) -> Result<T, PipelineError> {
    tell(stage, Moment::Began)?;
    ended(tell, stage, attempt(work))
}

/// The decoders have seen many odd files, but not all of them: a panic is a failed stage.
fn attempt<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err("this met a fault of ours; report it with the id of the build".to_owned()))
}

/// Announces how a stage ended.
fn ended<T>(tell: &mut Tell<'_>, stage: Stage, done: Result<T, String>) -> Result<T, PipelineError> {
    match done {
        Ok(value) => {
            tell(stage, Moment::Ended)?;
            Ok(value)
        }
        Err(message) => {
            tell(stage, Moment::Failed(&message))?;
            Err(PipelineError::Stage { stage, message })
        }
    }
}

fn check(inputs: &Inputs) -> Result<Logo, String> {
    if let Some(problem) = inputs.colours.problems().first() {
        return Err(problem.to_string());
    }
    Logo::decode(&inputs.logo).map_err(words)
}

fn model(inputs: &Inputs, pictures: &IconSet, ground: Rgb) -> Result<AppModel, String> {
    let start_url = StartUrl::parse(&inputs.start_url).map_err(words)?;
    let host: Host = start_url.host().clone();
    let mode = if host.is_local() { Mode::Preview } else { Mode::Store };
    let colour = |rgb: Rgb| Colour::parse(&rgb.to_string()).map_err(words);
    let layer = |purpose, suffix| images(pictures, purpose, suffix);
    Ok(AppModel {
        package_id: PackageId::parse(&inputs.package_id).map_err(words)?,
        version: Version {
            code: VersionCode::new(inputs.version_code).map_err(words)?,
            name: VersionName::parse(&inputs.version_name).map_err(words)?,
        },
        label: Label::parse(&inputs.name).map_err(words)?,
        start_url,
        hosts: vec![host],
        colours: ShellColours {
            background: colour(inputs.colours.background)?,
            accent: colour(inputs.colours.primary)?,
            icon_background: colour(ground)?,
        },
        texts: Texts::english(),
        icons: ShellIcons {
            legacy: layer(Purpose::Legacy, "")?,
            foreground: layer(Purpose::Foreground, "_foreground")?,
            monochrome: layer(Purpose::Monochrome, "_monochrome")?,
            splash: Some(splash(pictures)?),
        },
        permissions: Permissions::default(),
        mode,
    })
}

fn images(pictures: &IconSet, purpose: Purpose, suffix: &str) -> Result<Images, String> {
    let mut found = BTreeMap::new();
    for density in Density::ALL {
        let bytes = picture(pictures, &format!("mipmap-{}/ic_launcher{suffix}.png", density.name()))?;
        found.insert(density, Png::parse(bytes).map_err(words)?);
    }
    Images::new(purpose, found).map_err(words)
}

/// Drawn for the highest density only; the system shrinks it for the others.
fn splash(pictures: &IconSet) -> Result<Images, String> {
    let bytes = picture(pictures, "drawable-xxxhdpi/splash_icon.png")?;
    let found = BTreeMap::from([(Density::Xxxhdpi, Png::parse(bytes).map_err(words)?)]);
    Images::new(Purpose::Splash, found).map_err(words)
}

fn picture(pictures: &IconSet, name: &str) -> Result<Vec<u8>, String> {
    let icon = pictures.get(name).ok_or_else(|| format!("the picture {name} was not drawn"))?;
    Ok(icon.png.clone())
}

fn words(error: impl Display) -> String {
    error.to_string()
}
