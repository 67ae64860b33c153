//! The workspace's own commands. It refuses to be shipped: nothing here runs in production.

fn main() {}
