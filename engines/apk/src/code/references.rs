//! What the shell's code needs from the platform, as a list that can be checked against the platform's signatures.
//! It refuses to know the platform: `shell/references.txt` holds the checked list, a judge does the checking.

use super::classes;
use crate::smali::{self, Class, Instruction, Operand};
use std::collections::BTreeSet;

/// Every class, method and field of the platform the shell refers to, and every method of the platform it overrides,
/// one per line and sorted. This is what a change of the platform could break.
#[must_use]
pub fn platform_references() -> String {
    let classes = classes();
    let mut lines = BTreeSet::new();
    for class in &classes {
        let parents = || [&class.superclass].into_iter().chain(&class.interfaces).map(String::as_str);
        lines.extend(parents().map(str::to_owned));
        let platform: Vec<&str> = parents().filter(|parent| parent.starts_with("Landroid/")).collect();
        for method in &class.methods {
            // Our own methods are package-private; what is public or protected overrides the platform.
            if !method.is_direct() && method.access != 0 {
                lines.insert(format!("override {} {}{}", platform.join(","), method.name, method.prototype));
            }
            lines.extend(method.catches.iter().map(|catch| catch.exception.clone()));
            lines.extend(
                method.instructions.iter().filter_map(|instruction| reference(instruction, &classes)),
            );
        }
    }
    let ours = |line: &str| classes.iter().any(|class| class.name == line);
    lines
        .into_iter()
        .filter(|line| line.contains("Landroid/") && !ours(line))
        .fold(String::new(), |text, line| text + &line + "\n")
}

/// What an instruction names, unless one of our classes declares it.
fn reference(instruction: &Instruction, classes: &[Class]) -> Option<String> {
    // A member named on one of our classes but not declared there is its superclass's.
    let owner = |class: &str, declares: &dyn Fn(&Class) -> bool| match classes
        .iter()
        .find(|candidate| candidate.name == class)
    {
        Some(own) if declares(own) => None,
        Some(own) => Some(own.superclass.clone()),
        None => Some(class.to_owned()),
    };
    match &instruction.operand {
        Operand::Type(name) => Some(name.clone()),
        Operand::Field(smali::FieldReference { class, name, kind }) => {
            let owner = owner(class, &|own| own.fields.iter().any(|field| field.name == *name))?;
            Some(format!("{owner}->{name}:{kind}"))
        }
        Operand::Method(smali::MethodReference { class, name, prototype }) => {
            let owner = owner(class, &|own| own.methods.iter().any(|method| method.name == *name))?;
            Some(format!("{owner}->{name}{prototype}"))
        }
        Operand::Nothing | Operand::Number(_) | Operand::Label(_) | Operand::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line of the list has been checked against the platform, with the API level it exists since.
    const CHECKED: &str = include_str!("../../shell/references.txt");

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
        let original = include_str!("../../shell/ShellActivity.java");
        for class in classes() {
            let name = class.name.trim_start_matches("Lapp/shell/").trim_end_matches(';');
            assert!(original.contains(&format!("class {name} ")), "{name}");
            for method in class.methods.iter().filter(|method| method.name != "<init>") {
                assert!(original.contains(&format!(" {}(", method.name)), "{}", method.name);
            }
        }
    }
}
