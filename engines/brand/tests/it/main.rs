//! The crate through its front door.

mod colours;
mod hostile_svg;
mod icons;
mod pictures;
mod raster;
