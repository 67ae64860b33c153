//! Dependencies between our crates point one way.

use super::{Rule, Violation, workspace::Package};

pub(super) const RULE: Rule = Rule {
    name: "dependencies",
    instead: "Move the shared words down into the kernel or the framework, or turn the call around with an event; a new edge needs an ADR and a line in `EXCEPTIONS`.",
    reason: "Kernel, engines, framework, services, kits, server: while every arrow points down, a kit can be read, tested and thrown away alone.",
    check: |workspace| check(&workspace.packages),
};

const SERVICES: &[&str] = &[
    "tenancy",
    "identity",
    "builder",
    "jobs",
    "media",
    "ledger",
    "realtime",
    "webhooks",
    "insights",
    "compliance",
];

/// Edges the layers alone would refuse: (from, to).
const EXCEPTIONS: &[(&str, &str)] = &[
    ("slipway-builder", "slipway-apk"),
    ("slipway-builder", "slipway-brand"),
    ("slipway-builder", "slipway-identity"),
    ("slipway-builder", "slipway-tenancy"),
    ("slipway-identity", "slipway-tenancy"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Kernel,
    Engine,
    Framework,
    Testkit,
    Service,
    Kit,
    Server,
    Proof,
    Xtask,
}

impl Layer {
    fn of(folder: &str) -> Option<Self> {
        match folder.split('/').collect::<Vec<_>>().as_slice() {
            ["platform", "kernel"] => Some(Self::Kernel),
            ["platform", "framework"] => Some(Self::Framework),
            ["platform", "testkit"] => Some(Self::Testkit),
            ["platform", name] if SERVICES.contains(name) => Some(Self::Service),
            ["engines", _] => Some(Self::Engine),
            ["kits", _] => Some(Self::Kit),
            ["server"] => Some(Self::Server),
            ["proof"] => Some(Self::Proof),
            ["xtask"] => Some(Self::Xtask),
            _ => None,
        }
    }

    fn may_use(self, other: Self) -> bool {
        match self {
            Self::Kernel | Self::Xtask => false,
            Self::Engine | Self::Framework => other == Self::Kernel,
            Self::Testkit | Self::Service => matches!(other, Self::Kernel | Self::Framework),
            Self::Kit => matches!(other, Self::Kernel | Self::Framework | Self::Service | Self::Engine),
            Self::Server => !matches!(other, Self::Testkit | Self::Proof | Self::Xtask),
            Self::Proof => !matches!(other, Self::Testkit | Self::Engine | Self::Xtask),
        }
    }
}

fn check(packages: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in packages {
        let Some(layer) = Layer::of(&package.folder) else {
            let what = format!("the crate `{}` stands in a folder that has no layer", package.name);
            violations.push(Violation::new(&package.folder, 0, what));
            continue;
        };
        let leaf = package.folder.rsplit('/').next().unwrap_or_default();
        let expected = if layer == Layer::Xtask { leaf.to_owned() } else { format!("slipway-{leaf}") };
        if package.name != expected {
            let what = format!("the crate is called `{}`, its folder asks for `{expected}`", package.name);
            violations.push(Violation::new(&package.folder, 0, what));
        }
        for dependency in &package.dependencies {
            let found = packages.iter().find(|other| other.name == dependency.name);
            let allowed = found.and_then(|other| Layer::of(&other.folder)).is_some_and(|other| {
                layer.may_use(other)
                    || (dependency.is_dev && other == Layer::Testkit)
                    || EXCEPTIONS.contains(&(&package.name, &dependency.name))
            });
            if !allowed {
                let what = format!("`{}` may not depend on `{}`", package.name, dependency.name);
                violations.push(Violation::new(&package.folder, 0, what));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{super::sample::package, *};

    const FOLDERS: &[&str] = &[
        "platform/kernel",
        "platform/framework",
        "platform/testkit",
        "platform/tenancy",
        "platform/identity",
        "platform/builder",
        "engines/apk",
        "engines/brand",
        "engines/nutrition",
        "kits/meals",
        "kits/dating",
        "server",
        "xtask",
    ];

    /// All crates, of which one has one dependency.
    fn with_edge(from: &str, to: &str) -> Vec<Violation> {
        let packages: Vec<_> = FOLDERS
            .iter()
            .map(|folder| package(folder, if *folder == from { std::slice::from_ref(&to) } else { &[] }))
            .collect();
        check(&packages)
    }

    #[test]
    fn edges_that_point_down_pass() {
        for (from, to) in [
            ("engines/apk", "slipway-kernel"),
            ("platform/framework", "slipway-kernel"),
            ("platform/testkit", "slipway-framework"),
            ("platform/tenancy", "slipway-framework"),
            ("platform/tenancy", "dev slipway-testkit"),
            ("platform/kernel", "dev slipway-testkit"),
            ("platform/identity", "slipway-tenancy"),
            ("platform/builder", "slipway-tenancy"),
            ("platform/builder", "slipway-apk"),
            ("platform/builder", "slipway-brand"),
            ("kits/meals", "slipway-nutrition"),
            ("kits/meals", "slipway-identity"),
            ("server", "slipway-meals"),
            ("server", "slipway-kernel"),
        ] {
            assert_eq!(with_edge(from, to), [], "{from} → {to}");
        }
    }

    #[test]
    fn edges_that_point_up_or_sideways_fail() {
        for (from, to) in [
            ("platform/kernel", "slipway-framework"),
            ("engines/apk", "slipway-brand"),
            ("engines/apk", "slipway-framework"),
            ("platform/framework", "slipway-tenancy"),
            ("platform/framework", "slipway-testkit"),
            ("platform/testkit", "slipway-tenancy"),
            ("platform/tenancy", "slipway-identity"),
            ("platform/tenancy", "slipway-apk"),
            ("platform/builder", "slipway-nutrition"),
            ("platform/tenancy", "slipway-meals"),
            ("kits/meals", "slipway-dating"),
            ("kits/meals", "dev slipway-dating"),
            ("kits/meals", "slipway-testkit"),
            ("kits/meals", "slipway-server"),
            ("server", "xtask"),
            ("xtask", "slipway-kernel"),
            ("server", "slipway-nowhere"),
        ] {
            assert_eq!(with_edge(from, to).len(), 1, "{from} → {to}");
        }
    }

    #[test]
    fn a_crate_without_a_layer_or_with_another_name_fails() {
        assert_eq!(check(&[package("platform/surprise", &[])]).len(), 1);
        assert_eq!(check(&[package("tools/helper", &[])]).len(), 1);
        let misnamed = Package { name: "meals".to_owned(), ..package("kits/meals", &[]) };
        assert_eq!(check(&[misnamed]).len(), 1);
    }
}
