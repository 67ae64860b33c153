//! The stages of a build, and how each of them stands.

use serde_json::{Value as Json, json};
use slipway_kernel::Ts;

/// What a build does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    CheckAssets,
    Icons,
    Resources,
    Code,
    SignApk,
    BundleAab,
    Verify,
    Store,
}

impl Stage {
    pub const ALL: [Self; 8] = [
        Self::CheckAssets,
        Self::Icons,
        Self::Resources,
        Self::Code,
        Self::SignApk,
        Self::BundleAab,
        Self::Verify,
        Self::Store,
    ];

    /// The stable word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CheckAssets => "check_assets",
            Self::Icons => "icons",
            Self::Resources => "resources",
            Self::Code => "code",
            Self::SignApk => "sign_apk",
            Self::BundleAab => "bundle_aab",
            Self::Verify => "verify",
            Self::Store => "store",
        }
    }

    /// The words for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::CheckAssets => "Check logo and colours",
            Self::Icons => "Draw icons",
            Self::Resources => "Write resources",
            Self::Code => "Assemble code",
            Self::SignApk => "Sign the APK",
            Self::BundleAab => "Bundle for Google Play",
            Self::Verify => "Verify both packages",
            Self::Store => "Store and publish",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StageState {
    Pending,
    Running,
    Done,
    Failed,
}

impl StageState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Pending, Self::Running, Self::Done, Self::Failed];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// A stage of one build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StageRecord {
    pub(crate) stage: Stage,
    pub(crate) state: StageState,
    pub(crate) started_at: Option<Ts>,
    pub(crate) finished_at: Option<Ts>,
    /// Why it failed.
    pub(crate) message: Option<String>,
}

impl StageRecord {
    /// Every stage of a build that has not begun.
    pub(crate) fn pending() -> Vec<Self> {
        let pending = |stage| Self {
            stage,
            state: StageState::Pending,
            started_at: None,
            finished_at: None,
            message: None,
        };
        Stage::ALL.into_iter().map(pending).collect()
    }

    /// As stored in a row.
    pub(crate) fn to_json(&self) -> Json {
        json!({
            "stage": self.stage.as_str(), "state": self.state.as_str(), "started_at": self.started_at,
            "finished_at": self.finished_at, "message": self.message,
        })
    }

    /// Reads what [`StageRecord::to_json`] wrote.
    pub(crate) fn from_json(json: &Json) -> Option<Self> {
        let instant = |name: &str| json[name].as_str().and_then(|text| Ts::parse(text).ok());
        Some(Self {
            stage: Stage::parse(json["stage"].as_str()?)?,
            state: StageState::parse(json["state"].as_str()?)?,
            started_at: instant("started_at"),
            finished_at: instant("finished_at"),
            message: json["message"].as_str().map(str::to_owned),
        })
    }
}
