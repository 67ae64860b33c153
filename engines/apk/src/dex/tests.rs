//! The assembler's output, table by table.

use super::*;
use crate::smali::parse;

fn class(body: &str) -> Class {
    parse(&format!(".class final La/B;\n.super Ljava/lang/Object;\n{body}")).unwrap()
}

fn code_of(body: &str, registers: u16) -> Vec<u16> {
    let class = class(&format!(".method static a()V\n.registers {registers}\n{body}\n.end method"));
    let item = code::encode(&class.methods[0], &Pools::collect(std::slice::from_ref(&class))).unwrap();
    let count = u32::from_le_bytes(item[12..16].try_into().unwrap()) as usize;
    item[16..16 + 2 * count].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect()
}

#[test]
fn instructions_are_the_bytes_of_the_specification() {
    let cases: [(&str, &[u16]); 16] = [
        ("return-void", &[0x000e]),
        ("move v1, v2", &[0x2101]),
        ("move-result v200", &[0xc80a]),
        ("const/4 v1, -0x1", &[0xf112]),
        ("const/16 v1, 0x80", &[0x0113, 0x0080]),
        ("const/high16 v0, 0x41900000", &[0x0015, 0x4190]),
        (":a\nreturn-void\ngoto :a", &[0x000e, 0xff28]),
        ("if-eqz v3, :a\n:a\nreturn-void", &[0x0338, 0x0002, 0x000e]),
        ("if-ne v1, v2, :a\nreturn-void\n:a\nreturn-void", &[0x2133, 0x0003, 0x000e, 0x000e]),
        ("aget-object v1, v2, v3", &[0x0146, 0x0302]),
        ("or-int/2addr v1, v2", &[0x21b6]),
        ("const-string v1, \"V\"", &[0x011a, 0x0002]),
        ("new-instance v1, La/B;", &[0x0122, 0x0000]),
        ("iget v1, v2, La/B;->x:I", &[0x2152, 0x0000]),
        ("invoke-static {}, La/B;->a()V", &[0x0071, 0x0000, 0x0000]),
        ("invoke-direct {v1, v2, v3, v4, v5}, La/B;->a()V", &[0x5570, 0x0000, 0x4321]),
    ];
    for (source, expected) in cases {
        assert_eq!(code_of(source, 256), expected, "{source}");
    }
}

#[test]
fn what_does_not_fit_its_format_is_refused() {
    let far = format!("goto :a\n{}:a\nreturn-void", "const/16 v0, 0x1\n".repeat(64));
    for source in [
        "move v16, v0",
        "const/4 v0, 0x8",
        "const/16 v0, 0x8000",
        "const/high16 v0, 0x1",
        ":a\ngoto :a",
        "goto :b",
        &far,
    ] {
        let class = class(&format!(".method static a()V\n.registers 20\n{source}\n.end method"));
        let error = assemble(&[class]).unwrap_err();
        assert!(error.problem.contains("out of its range"), "{source}: {error}");
    }
}

#[test]
fn exception_tables_name_range_type_and_handler() {
    let class = class(
        ".method static a()V\n.registers 1\n:s\nconst/4 v0, 0x0\n:e\n.catch La/B; {:s .. :e} :h\nreturn-void\n:h\nreturn-void\n.end method",
    );
    let item = code::encode(&class.methods[0], &Pools::collect(std::slice::from_ref(&class))).unwrap();
    // Three units, one unit of padding, the try (start 0, one unit, handlers at 1), one list of one: type 0 at 2.
    assert_eq!(item[6..8], [1, 0]);
    assert_eq!(item[24..], [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 2]);
}

#[test]
fn the_header_describes_the_file() {
    let file = assemble(&[class(".field x:I")]).unwrap();
    let word = |offset: usize| u32::from_le_bytes(file[offset..][..4].try_into().unwrap());
    assert_eq!(file[..8], *b"dex\n037\0");
    assert_eq!(word(8), adler32(&file[12..]));
    assert_eq!(file[12..32], *Sha1::digest(&file[32..]));
    assert_eq!((word(32) as usize, word(36)), (file.len(), 0x70));
    assert_eq!((word(104) + word(108)) as usize, file.len(), "the data section ends the file");
}

#[test]
fn integers_and_strings_of_the_format() {
    let uleb = |value| {
        let mut bytes = Vec::new();
        put_uleb128(&mut bytes, value);
        bytes
    };
    assert_eq!(
        [uleb(0), uleb(127), uleb(128), uleb(16256)],
        [vec![0], vec![0x7f], vec![0x80, 1], vec![0x80, 0x7f]]
    );
    let mut bytes = Vec::new();
    put_modified_utf8(&mut bytes, "a\0\u{e9}\u{20ac}\u{1f388}");
    assert_eq!(bytes, b"a\xc0\x80\xc3\xa9\xe2\x82\xac\xed\xa0\xbc\xed\xbe\x88\0");
    assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
}
