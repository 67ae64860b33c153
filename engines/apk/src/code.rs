//! The program inside every app: assembled from our own smali text on first use and then shared.
//! It refuses to vary: whatever differs between two apps comes from the manifest, so the code is one and the same.

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

/// Every class, method and field of the platform the shell refers to, one per line, sorted; and the overridden methods of
/// its superclasses and interfaces, marked with `override`. This is what a change of the platform could break.
#[must_use]
pub fn platform_references() -> String {
    use smali::Operand;
    let mut lines = std::collections::BTreeSet::new();
    let classes = classes();
    let ours = |class: &str| classes.iter().find(|candidate| candidate.name == class);
    // A method called on one of our classes but not declared there is its superclass's.
    let owner = |class: &str, declared: &dyn Fn(&Class) -> bool| match ours(class) {
        Some(own) if declared(own) => None,
        Some(own) => Some(own.superclass.clone()),
        None => Some(class.to_owned()),
    };
    for class in &classes {
        lines.extend([&class.superclass].into_iter().chain(&class.interfaces).cloned());
        // Our own methods are package-private; what is public or protected overrides the platform.
        for method in class.methods.iter().filter(|method| !method.is_direct() && method.access != 0) {
            let parents =
                [&class.superclass].into_iter().chain(&class.interfaces).cloned().collect::<Vec<_>>();
            lines.insert(format!("override {} {}{}", parents.join(","), method.name, method.prototype));
        }
        for instruction in class.methods.iter().flat_map(|method| &method.instructions) {
            match &instruction.operand {
                Operand::Type(name) => drop(lines.insert(name.clone())),
                Operand::Field(field) => {
                    let declared =
                        |own: &Class| own.fields.iter().any(|candidate| candidate.name == field.name);
                    if let Some(owner) = owner(&field.class, &declared) {
                        lines.insert(format!("{owner}->{}:{}", field.name, field.kind));
                    }
                }
                Operand::Method(method) => {
                    let declared =
                        |own: &Class| own.methods.iter().any(|candidate| candidate.name == method.name);
                    if let Some(owner) = owner(&method.class, &declared) {
                        lines.insert(format!("{owner}->{}{}", method.name, method.prototype));
                    }
                }
                Operand::Nothing | Operand::Number(_) | Operand::Label(_) | Operand::Text(_) => {}
            }
        }
    }
    let ours: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    lines
        .into_iter()
        .filter(|line| line.contains("Landroid/") && !ours.contains(&line.as_str()))
        .fold(String::new(), |text, line| text + &line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line of the list has been checked against the platform, with the API level it exists since.
    const CHECKED: &str = include_str!("../shell/references.txt");

    #[test]
    fn every_reference_to_the_platform_was_checked() {
        let checked: String =
            CHECKED.lines().map(|line| line.split_once(' ').unwrap().1.to_owned() + "\n").collect();
        assert_eq!(platform_references(), checked, "run the judge every_reference_exists_in_the_platform");
    }

    #[test]
    fn what_is_newer_than_the_oldest_system_is_used_behind_a_check_of_the_version() {
        // Each of these asks for the version first or is called only by the system that has what it uses.
        const GUARDED: [&str; 3] = ["historyChanged", "onApplyWindowInsets", "onBackInvoked"];
        let newer: Vec<&str> = CHECKED
            .lines()
            .filter(|line| !line.starts_with("24 "))
            .filter_map(|line| line.split_once(' ').map(|(_, reference)| reference))
            .collect();
        assert!(newer.len() > 10);
        for method in classes().iter().flat_map(|class| &class.methods) {
            for instruction in &method.instructions {
                let name = match &instruction.operand {
                    smali::Operand::Method(called) => format!("->{}{}", called.name, called.prototype),
                    smali::Operand::Field(field) => format!("{}->{}:{}", field.class, field.name, field.kind),
                    smali::Operand::Type(name) => name.clone(),
                    _ => continue,
                };
                let is_newer = newer.iter().any(|reference| reference.ends_with(&name));
                assert!(!is_newer || GUARDED.contains(&method.name.as_str()), "{name} in {}", method.name);
            }
        }
    }

    #[test]
    fn the_readable_original_has_the_same_methods() {
        let original = include_str!("../shell/ShellActivity.java");
        for class in classes() {
            let name = class.name.trim_start_matches("Lapp/shell/").trim_end_matches(';');
            assert!(original.contains(&format!("class {name} ")), "{name}");
            for method in class.methods.iter().filter(|method| method.name != "<init>") {
                assert!(original.contains(&format!(" {}(", method.name)), "{}", method.name);
            }
        }
    }
}
