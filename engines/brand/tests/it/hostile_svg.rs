//! SVG uploads that want more than to be drawn.

use slipway_brand::{Logo, LogoError, SvgError};

use crate::pictures::svg;

fn refusal(bytes: &[u8]) -> SvgError {
    match Logo::decode(bytes) {
        Err(LogoError::Svg(error)) => error,
        other => panic!("expected a refused SVG, got {other:?}"),
    }
}

#[test]
fn everything_active_or_foreign_is_refused() {
    type Check = fn(&SvgError) -> bool;
    let script: Check = |error| matches!(error, SvgError::Script { .. });
    let external: Check = |error| matches!(error, SvgError::ExternalReference { .. });
    let style: Check = |error| matches!(error, SvgError::UnsupportedStyle { .. });
    let element: Check = |error| matches!(error, SvgError::UnsupportedElement { .. });
    let cases: [(&str, Check); 24] = [
        ("<script>alert(1)</script>", script),
        ("<rect onload='alert(1)' width='9' height='9'/>", script),
        ("<g ONCLICK='x()'><rect width='9' height='9'/></g>", script),
        ("<use href=' java\nscript:alert(1)'/>", script),
        ("<image href='https://evil.example/a.png'/>", external),
        ("<image xlink:href='file:///etc/passwd'/>", external),
        ("<image href='data:image/png;base64,AAAA'/>", |e| matches!(e, SvgError::EmbeddedPicture { .. })),
        ("<use xlink:href='other.svg#a'/>", external),
        ("<use href='data:image/svg+xml,x'/>", external),
        ("<rect fill='url(https://evil.example/#a)' width='9' height='9'/>", external),
        ("<rect style='fill:URL( \"x.svg#a\" )' width='9' height='9'/>", external),
        ("<style>rect{fill:url(x.svg#a)}</style>", external),
        ("<style>@import url(https://evil.example/a.css);</style>", style),
        ("<style>@font-face{font-family:a;src:local(a)}</style>", style),
        ("<style>rect{fil\\74 er:blur(9px)}</style>", style),
        ("<style>rect{mask:url(#a)}</style>", style),
        ("<rect filter='blur(900px)' width='9' height='9'/>", style),
        ("<filter id='a'><feTurbulence numOctaves='99'/></filter>", element),
        ("<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", element),
        ("<pattern id='a'/>", element),
        ("<animate attributeName='x'/>", element),
        ("<a href='#x'><rect width='9' height='9'/></a>", element),
        ("<text x='1' y='1'>Verde</text>", |e| matches!(e, SvgError::Text { .. })),
        ("<g id='a'><use href='#a'/></g>", |e| matches!(e, SvgError::CircularReference { .. })),
    ];
    for (body, expected) in cases {
        let error = refusal(&svg(body));
        assert!(expected(&error), "{body} was refused as {error:?}");
    }
    let message = refusal(&svg("\n<g>\n<text>x</text></g>")).to_string();
    assert_eq!(
        message,
        "the SVG contains text, in line 3, in <text>: convert text to outlines, because no fonts are loaded"
    );
    let sheet = [b"<?xml-stylesheet href='https://evil.example/a.css'?>", &svg("")[..]].concat();
    assert!(external(&refusal(&sheet)));
}

#[test]
fn entities_are_refused_and_plain_document_types_are_not() {
    let laughs = br#"<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><title>&b;</title></svg>"#;
    assert_eq!(refusal(laughs), SvgError::Entity);
    let doctype = b"<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">";
    let plain = [&doctype[..], &svg("<circle cx='50' cy='50' r='40'/>")].concat();
    assert!(Logo::decode(&plain).is_ok());
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let nested = |open: &str, times: usize, inner: &str, close: &str| {
        svg(&format!("{}{inner}{}", open.repeat(times), close.repeat(times)))
    };
    let doubling: String = (0..40)
        .map(|i| {
            let next = i + 1;
            format!("<g id='g{i}'><use href='#g{next}'/><use href='#g{next}'/></g>")
        })
        .collect();
    let masks: String = (0..16)
        .map(|i| {
            let next = i + 1;
            format!(
                "<mask id='m{i}'><rect width='100' height='100' mask='url(#m{next})'/>\
                 <rect width='100' height='100' style='mask:url(#m{next})'/></mask>"
            )
        })
        .collect();
    let chain: String = (0..400)
        .map(|i| {
            let next = i + 1;
            format!("<g id='c{i}'><use href='#c{next}'/></g>")
        })
        .collect();
    type Check = fn(&SvgError) -> bool;
    let spikes = format!("<path d='M0 0{}'/>", "L50 99 51 0".repeat(60_000));
    let dashes = "<path d='M0 0H100V100' stroke='red' stroke-dasharray='.0001'/>".repeat(40);
    let cases: [(&str, Vec<u8>, Check); 12] = [
        ("deep", nested("<g>", 200, "<rect/>", "</g>"), |e| matches!(e, SvgError::TooDeep { .. })),
        ("very deep", nested("<g>", 15_000, "", "</g>"), |e| {
            matches!(e, SvgError::TooDeep { .. } | SvgError::Malformed { .. })
        }),
        ("many", svg(&"<g/>".repeat(30_000)), |e| matches!(e, SvgError::TooManyElements { .. })),
        ("doubling", svg(&format!("<defs>{doubling}</defs><use href='#g0'/>")), |e| {
            matches!(e, SvgError::ExpandsTooFar { .. })
        }),
        ("masks", svg(&format!("<defs>{masks}</defs><rect width='9' height='9' mask='url(#m0)'/>")), |e| {
            matches!(e, SvgError::ExpandsTooFar { .. })
        }),
        ("chain", svg(&chain), |e| matches!(e, SvgError::TooDeep { .. })),
        ("paint", svg(&"<rect width='100' height='100' fill-opacity='.5'/>".repeat(2000)), |e| {
            matches!(e, SvgError::TooMuchPaint { .. })
        }),
        ("huge circle", svg("<circle cx='50' cy='50' r='9e9'/>"), |e| {
            matches!(e, SvgError::FarOutside { .. })
        }),
        ("huge stroke", svg("<path d='M0 0L9 9' stroke='red' stroke-width='9e8'/>"), |e| {
            matches!(e, SvgError::FarOutside { .. })
        }),
        ("spikes", svg(&spikes), |e| matches!(e, SvgError::TooMuchPaint { .. })),
        ("dashes", svg(&dashes), |e| matches!(e, SvgError::TooMuchPaint { .. })),
        ("size", [svg(""), vec![b' '; 1024 * 1024]].concat(), |e| matches!(e, SvgError::TooManyBytes { .. })),
    ];
    for (name, bytes, expected) in cases {
        let error = refusal(&bytes);
        assert!(expected(&error), "{name} was refused as {error:?}");
    }
}

#[test]
fn what_design_programs_write_is_drawn() {
    let figma = "<g clip-path='url(#clip0)'><rect width='100' height='100' fill='url(#paint0)'/></g>\
        <defs><linearGradient id='paint0' x2='1'><stop stop-color='#123456'/><stop offset='1' stop-color='#abcdef'/>\
        </linearGradient><clipPath id='clip0'><circle cx='50' cy='50' r='50'/></clipPath></defs>";
    let illustrator = "<style>.cls-1{fill:url(#g);}.cls-2{fill:#c00}</style><defs><radialGradient id='g'>\
        <stop stop-color='#fff'/><stop offset='1' stop-color='#c00'/></radialGradient></defs>\
        <path class='cls-1' d='M10 10H90V90H10Z'/><circle class='cls-2' cx='50' cy='50' r='20'/>";
    let inkscape = "<metadata><x:RDF xmlns:x='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><x:Work/></x:RDF></metadata>\
        <mask id='m'><rect width='100' height='50' fill='white'/></mask>\
        <rect width='100' height='100' style='fill:#080;mask:url(#m)'/>";
    for body in [figma, illustrator, inkscape] {
        let logo = Logo::decode(&svg(body)).unwrap();
        assert_eq!(logo.canvas().pixel(512, 300)[3], 255, "{body}");
    }
    let masked = Logo::decode(&svg(inkscape)).unwrap();
    assert_eq!(masked.canvas().pixel(512, 800), [0; 4], "the mask hides the lower half");
}

#[test]
fn odd_files_get_a_useful_answer() {
    assert_eq!(refusal(b"\x1f\x8b\x08\0"), SvgError::Compressed);
    assert_eq!(refusal(b"<svg>\xff</svg>"), SvgError::NotUtf8 { position: 5 });
    assert!(matches!(refusal(b"<svg><g></svg>"), SvgError::Malformed { .. }));
    assert_eq!(Logo::decode(&svg("")), Err(LogoError::Invisible));
    let wide =
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 300 100'><rect width='9' height='9'/></svg>";
    assert_eq!(Logo::decode(wide), Err(LogoError::TooElongated { width: 300, height: 100, limit: 2 }));
}
