//! The reader of smali text, line by line.

use super::*;

const SMALL: &str = "
# A comment.
.class public final La/B;
.super Ljava/lang/Object;
.implements La/C;
.field final x:I

.method public run(J[La/B;)V
    .registers 6
    :start
    const-string v0, \"a # b, c\"   # not part of it
    iput-object v0, p0, La/B;->x:Ljava/lang/String;
    :end
    .catch La/E; {:start .. :end} :handler
    :handler
    invoke-virtual {p0, p1, p2, p3}, La/B;->run(J[La/B;)V
    const/16 v1, -0x2a
    return-void
.end method
";

#[test]
fn a_small_class_is_read() {
    let class = parse(SMALL).unwrap();
    assert_eq!(
        (class.name.as_str(), class.superclass.as_str(), class.access),
        ("La/B;", "Ljava/lang/Object;", 0x11)
    );
    assert_eq!(class.interfaces, ["La/C;"]);
    assert_eq!((class.fields[0].name.as_str(), class.fields[0].access), ("x", 0x10));
    let method = &class.methods[0];
    assert_eq!(method.prototype.to_string(), "(J[La/B;)V");
    assert_eq!((method.prototype.shorty().as_str(), method.incoming_words()), ("VJL", 4));
    assert_eq!(
        method.labels,
        BTreeMap::from([(":start".to_owned(), 0), (":end".to_owned(), 2), (":handler".to_owned(), 2)])
    );
    assert_eq!(method.catches[0].exception, "La/E;");
    let names: Vec<_> = method.instructions.iter().map(|instruction| instruction.opcode.name).collect();
    assert_eq!(names, ["const-string", "iput-object", "invoke-virtual", "const/16", "return-void"]);
    assert_eq!(method.instructions[0].operand, Operand::Text("a # b, c".to_owned()));
    assert_eq!(method.instructions[1].registers, [0, 2], "p0 is the third of six registers");
    assert_eq!(method.instructions[2].registers, [2, 3, 4, 5]);
    assert_eq!(method.instructions[3].operand, Operand::Number(-42));
}

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    let cases = [
        (".class La/B;\n.annotation system La/C;", 2, "unknown directive \".annotation\""),
        (".class shiny La/B;", 1, "unknown access word \"shiny\""),
        (
            ".class La/B;\n.super La/C;\n.method a()V\n.registers 1\nconst-wide v0, 0x0",
            5,
            "unknown opcode \"const-wide\"",
        ),
        (
            ".class La/B;\n.super La/C;\n.method a()V\n.registers 1\nreturn v1",
            5,
            "\"v1\" is no register of this method",
        ),
        (
            ".class La/B;\n.super La/C;\n.method a()V\n.registers 1\ngoto x",
            5,
            "\"x\" does not fit the opcode",
        ),
        (".class La/B;\n.super La/C;\n.method a(Q)V", 3, "\"a(Q)V\" is no method signature"),
        (".class La/B;\n.super La/C;\n.end method", 3, "there is no method to end"),
        (".class La/B;\n.super La/C;\n.method a()V", 3, "the class or its last method is not complete"),
    ];
    for (source, line, problem) in cases {
        assert_eq!(
            parse(source).map(|class| class.name),
            Err(SmaliError { line, problem: problem.to_owned() })
        );
    }
}
