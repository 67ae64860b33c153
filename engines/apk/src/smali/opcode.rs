//! The opcodes our shell uses and how each is encoded (AOSP "Dalvik bytecode format" and "Dalvik executable instruction
//! formats"). It refuses the rest: an opcode nobody uses is an opcode nobody has tested.

/// An instruction format; the name is the specification's (units, registers, kind), with the kind of index spelt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    F10x,
    F11x,
    F12x,
    F11n,
    F21s,
    F21h,
    F10t,
    F21t,
    F22t,
    F23x,
    F21Text,
    F21Type,
    F21Field,
    F22Field,
    F35Type,
    F35Method,
}

impl Format {
    /// The length of an instruction in 16-bit code units.
    pub(crate) fn units(self) -> usize {
        match self {
            Self::F10x | Self::F11x | Self::F12x | Self::F11n | Self::F10t => 1,
            Self::F35Type | Self::F35Method => 3,
            _ => 2,
        }
    }

    /// How many registers are written before the operand; lists in braces count themselves.
    pub(crate) fn register_count(self) -> usize {
        match self {
            Self::F10x | Self::F10t | Self::F35Type | Self::F35Method => 0,
            Self::F11x
            | Self::F11n
            | Self::F21s
            | Self::F21h
            | Self::F21t
            | Self::F21Text
            | Self::F21Type
            | Self::F21Field => 1,
            Self::F12x | Self::F22t | Self::F22Field => 2,
            Self::F23x => 3,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opcode {
    pub(crate) name: &'static str,
    pub(crate) code: u8,
    pub(crate) format: Format,
}

const fn opcode(name: &'static str, code: u8, format: Format) -> Opcode {
    Opcode { name, code, format }
}

pub(crate) const OPCODES: [Opcode; 38] = [
    opcode("move", 0x01, Format::F12x),
    opcode("move-result", 0x0a, Format::F11x),
    opcode("move-result-object", 0x0c, Format::F11x),
    opcode("move-exception", 0x0d, Format::F11x),
    opcode("return-void", 0x0e, Format::F10x),
    opcode("return", 0x0f, Format::F11x),
    opcode("return-object", 0x11, Format::F11x),
    opcode("const/4", 0x12, Format::F11n),
    opcode("const/16", 0x13, Format::F21s),
    opcode("const/high16", 0x15, Format::F21h),
    opcode("const-string", 0x1a, Format::F21Text),
    opcode("check-cast", 0x1f, Format::F21Type),
    opcode("array-length", 0x21, Format::F12x),
    opcode("new-instance", 0x22, Format::F21Type),
    opcode("filled-new-array", 0x24, Format::F35Type),
    opcode("throw", 0x27, Format::F11x),
    opcode("goto", 0x28, Format::F10t),
    opcode("if-ne", 0x33, Format::F22t),
    opcode("if-lt", 0x34, Format::F22t),
    opcode("if-ge", 0x35, Format::F22t),
    opcode("if-eqz", 0x38, Format::F21t),
    opcode("if-nez", 0x39, Format::F21t),
    opcode("if-lez", 0x3d, Format::F21t),
    opcode("aget", 0x44, Format::F23x),
    opcode("aget-object", 0x46, Format::F23x),
    opcode("iget", 0x52, Format::F22Field),
    opcode("iget-object", 0x54, Format::F22Field),
    opcode("iget-boolean", 0x55, Format::F22Field),
    opcode("iput-object", 0x5b, Format::F22Field),
    opcode("iput-boolean", 0x5c, Format::F22Field),
    opcode("sget", 0x60, Format::F21Field),
    opcode("sget-object", 0x62, Format::F21Field),
    opcode("invoke-virtual", 0x6e, Format::F35Method),
    opcode("invoke-super", 0x6f, Format::F35Method),
    opcode("invoke-direct", 0x70, Format::F35Method),
    opcode("invoke-static", 0x71, Format::F35Method),
    opcode("invoke-interface", 0x72, Format::F35Method),
    opcode("or-int/2addr", 0xb6, Format::F12x),
];

pub(crate) fn by_name(name: &str) -> Option<Opcode> {
    OPCODES.into_iter().find(|opcode| opcode.name == name)
}
