//! The kits a partner can choose from. It refuses to know any: the platform lists what the server was built with.

mod http;

pub(crate) use http::routes;
