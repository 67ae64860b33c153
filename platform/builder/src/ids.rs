//! Names of what the factory makes.

use slipway_kernel::{Id, Identified};

macro_rules! ids {
    ($($(#[$meta:meta])* $marker:ident, $id:ident, $prefix:literal;)+) => {$(
        #[doc = concat!("Marks the id of ", $prefix, ".")]
        #[derive(Debug)]
        pub enum $marker {}
        impl Identified for $marker {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$meta])*
        pub type $id = Id<$marker>;
    )+};
}

ids! {
    /// One version of an app's brand.
    BrandMarker, BrandId, "brd";
    /// An approved brand turned into artefacts.
    ReleaseMarker, ReleaseId, "rel";
    /// The work of making a release.
    BuildMarker, BuildId, "bld";
}
