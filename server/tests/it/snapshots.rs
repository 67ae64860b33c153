//! What the house consists of, module by module: every new route, table, job and event shows as a difference.

use slipway_server::assembly;

#[test]
fn every_module_is_as_reviewed() {
    let text = assembly().describe().unwrap();
    for part in text.split_inclusive('\n').fold(Vec::<String>::new(), |mut parts, line| {
        match parts.last_mut().filter(|_| line.starts_with(' ')) {
            Some(part) => part.push_str(line),
            None => parts.push(line.to_owned()),
        }
        parts
    }) {
        let name = part.lines().next().unwrap().replace(' ', "_");
        insta::assert_snapshot!(name, part);
    }
}
