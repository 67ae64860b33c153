//! The program inside every app: assembled from our own smali text on first use and then shared.
//! It refuses to vary: whatever differs between two apps comes from the manifest, so the code is one and the same.

pub(crate) mod references;

use crate::dex;
use crate::smali::{self, Class};
use crate::zip::Entry;
use std::sync::OnceLock;

/// The activity the manifest names.
pub(crate) const ACTIVITY: &str = "app.shell.ShellActivity";

/// The shell's classes; the readable original is `shell/ShellActivity.java`.
const SOURCES: [&str; 4] = [
    include_str!("../shell/BackCallback.smali"),
    include_str!("../shell/ShellActivity.smali"),
    include_str!("../shell/ShellChrome.smali"),
    include_str!("../shell/ShellClient.smali"),
];

/// The assembled shell, deflated and ready to be put into any number of packages.
#[derive(Debug)]
pub struct Code {
    dex: Vec<u8>,
    deflated: Entry,
}

impl Code {
    /// The shell. The first call assembles it, about a millisecond; later calls are free.
    ///
    /// # Panics
    /// Never: the text is part of the crate and the tests assemble it.
    #[must_use]
    pub fn shell() -> &'static Self {
        static SHELL: OnceLock<Code> = OnceLock::new();
        SHELL.get_or_init(Self::assemble)
    }

    /// Assembles the shell anew; [`Code::shell`] is what a build wants.
    ///
    /// # Panics
    /// Never: the text is part of the crate and the tests assemble it.
    #[must_use]
    pub fn assemble() -> Self {
        let dex = dex::assemble(&classes()).expect("the shell's text is assembled by the tests");
        let deflated = Entry::deflated("classes.dex", &dex);
        Self { dex, deflated }
    }

    /// `classes.dex`, Dalvik executable version 037.
    #[must_use]
    pub fn dex(&self) -> &[u8] {
        &self.dex
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.deflated
    }
}

fn classes() -> Vec<Class> {
    SOURCES.map(|source| smali::parse(source).expect("the shell's text is parsed by the tests")).into()
}
