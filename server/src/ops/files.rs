//! The files operators need, made from the tables of metrics, routes and alerts: dashboard, rules and runbooks.
//!
//! It refuses to be edited by hand: a test compares what is committed with what this makes.

use super::alert::{ALERTS, Alert, FIRST_LOOK, metrics_of};
use serde_json::{Value, json};
use slipway_framework::metric::{Metric, MetricKind};
use slipway_framework::module::Assembly;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A file by its path from the root of the workspace.
pub type OpsFile = (String, String);

/// Every file; runbooks are linked below `runbooks`, which is a folder or an address.
#[must_use]
pub fn ops_files(assembly: &Assembly, runbooks: &str) -> Vec<OpsFile> {
    let metrics = assembly.metrics();
    let mut files = vec![
        ("deploy/grafana/slipway.json".to_owned(), dashboard(&metrics)),
        ("deploy/alerts/slipway.yml".to_owned(), rules(runbooks)),
        ("docs/ops/README.md".to_owned(), index()),
        ("docs/ops/metrics.md".to_owned(), metric_table(&metrics)),
        ("docs/ops/routes.md".to_owned(), route_table(assembly)),
    ];
    files.extend(ALERTS.iter().map(|alert| (format!("docs/ops/{}", page_of(alert)), runbook(alert))));
    files
}

/// The metrics that alerts ask for, with the alert's name.
#[must_use]
pub fn alerted_metrics() -> Vec<(&'static str, &'static str)> {
    let of =
        |alert: &'static Alert| metrics_of(alert.expression).into_iter().map(|metric| (alert.name, metric));
    ALERTS.iter().flat_map(of).collect()
}

const MADE: &str = "Made by `slipway ops-files .` from the program's own tables; a change belongs there.";

fn page_of(alert: &Alert) -> String {
    let mut page = String::new();
    for letter in alert.name.chars() {
        if letter.is_ascii_uppercase() && !page.is_empty() {
            page.push('-');
        }
        page.push(letter.to_ascii_lowercase());
    }
    page + ".md"
}

/// The rules as Prometheus reads them.
fn rules(runbooks: &str) -> String {
    let mut text = format!("---\n# {MADE}\ngroups:\n  - name: slipway\n    rules:\n");
    for alert in ALERTS {
        let Alert { name, severity, expression, lasting, summary, .. } = alert;
        let page = page_of(alert);
        let _ = write!(
            text,
            "      - alert: {name}\n        expr: '{expression}'\n        for: {lasting}\n        labels:\n          severity: {severity}\n        \
             annotations:\n          summary: \"{summary}\"\n          runbook_url: {runbooks}/{page}\n"
        );
    }
    text
}

fn runbook(alert: &Alert) -> String {
    let Alert { name, severity, expression, lasting, summary, meaning, look, act } = alert;
    let urgency = match *severity {
        "page" => "It wakes somebody.",
        _ => "It waits for the morning.",
    };
    let list = |items: &[&str]| items.iter().map(|item| format!("- {item}\n")).collect::<String>();
    format!(
        "# {name}\n\n{summary} {urgency}\n\n```promql\n{expression}\n```\n\nfor {lasting}.\n\n## What it means\n{meaning}\n\n## How to look\n- {FIRST_LOOK}\n{}\n\
         ## What to do\n{}\n[All runbooks](README.md). {MADE}\n",
        list(look),
        list(act),
    )
}

fn index() -> String {
    let mut text = format!(
        "# Operating\n\nWhat is measured ([metrics](metrics.md)), how requests are counted ([routes](routes.md)), and what to do when an alert fires. The rules stand in \
         [deploy/alerts](../../deploy/alerts/slipway.yml), a dashboard in [deploy/grafana](../../deploy/grafana/slipway.json). {MADE}\n\n\
         | alert | severity | what |\n|---|---|---|\n"
    );
    for alert in ALERTS {
        let _ = writeln!(
            text,
            "| [{}]({}) | {} | {} |",
            alert.name,
            page_of(alert),
            alert.severity,
            alert.summary
        );
    }
    text
}

fn metric_table(metrics: &[Metric]) -> String {
    let mut text = format!(
        "# Metrics\n\nEverything `/metrics` at the operators' address tells. No label is an app, an account, a path or an address. {MADE}\n\n\
         | metric | kind | labels | what |\n|---|---|---|---|\n"
    );
    for Metric { name, kind, labels, meaning } in metrics {
        let kind = match kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Seconds => "histogram of seconds",
            MetricKind::Counts => "histogram of counts",
        };
        let _ = writeln!(text, "| `{name}` | {kind} | {} | {meaning} |", labels.join(", "));
    }
    text
}

fn route_table(assembly: &Assembly) -> String {
    let mut text = format!(
        "# Routes by class\n\nThe class is what requests are counted by, and what has a target. Pages, and the files of pages, are not in this table: they are `page` and `static`. {MADE}\n\n\
         | class | route |\n|---|---|\n"
    );
    let mut routes = assembly.route_classes();
    routes.sort_by(|one, other| (one.2, &one.1, &one.0).cmp(&(other.2, &other.1, &other.0)));
    for (method, pattern, class) in routes {
        let _ = writeln!(text, "| {} | `{method} {pattern}` |", class.as_str());
    }
    text
}

/// Groups of panels by the first word of the metric.
const ROWS: &[(&str, &[&str])] = &[
    ("Requests", &["http"]),
    ("Database", &["database"]),
    ("Jobs", &["job", "jobs"]),
    ("Events and audit", &["event", "events", "audit", "housekeeping"]),
    ("Passwords and files", &["password", "object"]),
    ("Machine", &["disk", "process", "clock"]),
];
const OTHERS: &str = "Kits";

fn dashboard(metrics: &[Metric]) -> String {
    let mut rows: BTreeMap<usize, Vec<&Metric>> = BTreeMap::new();
    for metric in metrics {
        let word = metric.name.split('_').next().unwrap_or_default();
        let row = ROWS.iter().position(|(_, words)| words.contains(&word)).unwrap_or(ROWS.len());
        rows.entry(row).or_default().push(metric);
    }
    let (mut panels, mut y, mut id) = (Vec::new(), 0, 0);
    for (row, metrics) in rows {
        let title = ROWS.get(row).map_or(OTHERS, |(title, _)| title);
        id += 1;
        panels.push(json!({
            "id": id, "type": "row", "title": title, "collapsed": false, "panels": [],
            "gridPos": { "h": 1, "w": 24, "x": 0, "y": y },
        }));
        y += 1;
        for line in metrics.chunks(3) {
            for (column, metric) in line.iter().enumerate() {
                id += 1;
                panels.push(panel(metric, id, &json!({ "h": 8, "w": 8, "x": column * 8, "y": y })));
            }
            y += 8;
        }
    }
    let dashboard = json!({
        "uid": "slipway", "title": "Slipway", "description": MADE, "tags": ["slipway"], "schemaVersion": 39, "version": 1,
        "timezone": "browser", "refresh": "30s", "time": { "from": "now-6h", "to": "now" }, "editable": false,
        "templating": { "list": [{ "name": "source", "label": "Source", "type": "datasource", "query": "prometheus" }] },
        "annotations": { "list": [] }, "panels": panels,
    });
    format!("{dashboard:#}\n")
}

fn panel(metric: &Metric, id: usize, place: &Value) -> Value {
    let Metric { name, kind, labels, meaning } = metric;
    let by = labels.join(", ");
    let legend = labels.iter().map(|label| format!("{{{{{label}}}}}")).collect::<Vec<_>>().join(" ");
    let sum =
        |what: &str| if by.is_empty() { format!("sum({what})") } else { format!("sum by ({by}) ({what})") };
    let quantile = |share: &str| {
        let le = if by.is_empty() { "le".to_owned() } else { format!("le, {by}") };
        format!("histogram_quantile({share}, sum by ({le}) (rate({name}_bucket[$__rate_interval])))")
    };
    let queries = match kind {
        MetricKind::Counter => vec![(sum(&format!("rate({name}[$__rate_interval])")), legend.clone())],
        MetricKind::Gauge => {
            vec![((*name).to_owned(), format!("{legend} {{{{instance}}}}").trim().to_owned())]
        }
        MetricKind::Seconds => vec![
            (quantile("0.5"), format!("{legend} p50").trim().to_owned()),
            (quantile("0.99"), format!("{legend} p99").trim().to_owned()),
        ],
        MetricKind::Counts => vec![(
            format!("sum(rate({name}_sum[$__rate_interval])) / sum(rate({name}_count[$__rate_interval]))"),
            "mean".to_owned(),
        )],
    };
    let unit = match kind {
        MetricKind::Counter if name.contains("seconds") => "percentunit",
        MetricKind::Counter => "ops",
        MetricKind::Seconds => "s",
        MetricKind::Gauge if name.ends_with("_bytes") => "bytes",
        MetricKind::Gauge if name.ends_with("_seconds") => "s",
        MetricKind::Gauge | MetricKind::Counts => "short",
    };
    let targets = queries.into_iter().zip(["A", "B"]).map(|((expression, legend), letter)| {
        json!({ "refId": letter, "expr": expression, "legendFormat": legend, "datasource": { "type": "prometheus", "uid": "${source}" } })
    });
    let targets: Vec<Value> = targets.collect();
    json!({
        "id": id, "type": "timeseries", "title": name, "description": meaning, "gridPos": place,
        "datasource": { "type": "prometheus", "uid": "${source}" },
        "fieldConfig": { "defaults": { "unit": unit, "min": 0 }, "overrides": [] },
        "options": { "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true }, "tooltip": { "mode": "multi", "sort": "desc" } },
        "targets": targets,
    })
}
