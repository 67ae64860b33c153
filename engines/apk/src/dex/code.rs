//! Turns one method into a code item: registers, instructions, exception tables.
//! It refuses branches and constants that do not fit their format instead of choosing a longer one.

use super::pools::Pools;
use super::put_uleb128;
use crate::bytes::{PutLittleEndian, to_u16, to_u32};
use crate::smali::opcode::Format;
use crate::smali::{Instruction, Method, Operand, SmaliError};
use std::collections::BTreeMap;

/// A `code_item`.
pub(super) fn encode(method: &Method, pools: &Pools) -> Result<Vec<u8>, SmaliError> {
    let mut addresses = vec![0];
    for instruction in &method.instructions {
        addresses.push(addresses[addresses.len() - 1] + instruction.opcode.format.units());
    }
    let mut units = Vec::new();
    for instruction in &method.instructions {
        let here = units.len();
        let encoded = encode_instruction(instruction, pools, |label| {
            let target = addresses[*method.labels.get(label)?];
            Some(i32::try_from(target).ok()? - i32::try_from(here).ok()?)
        });
        units.extend(encoded.ok_or_else(|| SmaliError {
            line: instruction.line,
            problem: format!("an operand of {:?} is out of its range", instruction.opcode.name),
        })?);
    }
    let tries = tries(method, &addresses)?;
    let outgoing_words = method.instructions.iter().filter_map(outgoing_words).max().unwrap_or(0);
    let mut item = Vec::new();
    item.put_u16(method.registers);
    item.put_u16(method.incoming_words());
    item.put_u16(outgoing_words);
    item.put_u16(to_u16(tries.len()));
    item.put_u32(0); // Debug information.
    item.put_u32(to_u32(units.len()));
    for unit in units {
        item.put_u16(unit);
    }
    if !tries.is_empty() {
        item.pad_to(4);
        put_tries(&mut item, &tries, pools);
    }
    Ok(item)
}

/// The registers a call passes, each one word.
fn outgoing_words(instruction: &Instruction) -> Option<u16> {
    (instruction.opcode.format == Format::F35Method).then(|| to_u16(instruction.registers.len()))
}

/// The code units of an instruction, or `None` if a register, number or branch does not fit.
fn encode_instruction(
    instruction: &Instruction,
    pools: &Pools,
    distance: impl Fn(&str) -> Option<i32>,
) -> Option<Vec<u16>> {
    let code = u16::from(instruction.opcode.code);
    let register = |index: usize| instruction.registers.get(index).copied();
    let byte = |index: usize| register(index).filter(|register| *register < 256);
    let nibble = |index: usize| register(index).filter(|register| *register < 16);
    let number = if let Operand::Number(number) = instruction.operand { Some(number) } else { None };
    let branch = if let Operand::Label(label) = &instruction.operand { distance(label) } else { None };
    let index = match &instruction.operand {
        Operand::Text(text) => u16::try_from(pools.string(text)).ok(),
        Operand::Type(name) => Some(pools.kind(name)),
        Operand::Field(field) => Some(pools.field(field)),
        Operand::Method(method) => Some(pools.method(method)),
        Operand::Nothing | Operand::Number(_) | Operand::Label(_) => None,
    };
    let pair = || Some(nibble(0)? << 8 | nibble(1)? << 12);
    let short = |value: i32| i16::try_from(value).ok().map(i16::cast_unsigned);
    Some(match instruction.opcode.format {
        Format::F10x => vec![code],
        Format::F11x => vec![code | byte(0)? << 8],
        Format::F12x => vec![code | pair()?],
        Format::F11n => {
            let number = number.filter(|number| (-8..8).contains(number))?;
            vec![code | nibble(0)? << 8 | short(number)? << 12]
        }
        Format::F21s => vec![code | byte(0)? << 8, short(number?)?],
        Format::F21h => {
            let number = number.filter(|number| number & 0xffff == 0)?;
            vec![code | byte(0)? << 8, short(number >> 16)?]
        }
        Format::F10t => {
            let branch = i8::try_from(branch?).ok().filter(|branch| *branch != 0)?;
            vec![code | u16::from(branch.cast_unsigned()) << 8]
        }
        Format::F21t => vec![code | byte(0)? << 8, short(branch?)?],
        Format::F22t => vec![code | pair()?, short(branch?)?],
        Format::F23x => vec![code | byte(0)? << 8, byte(1)? | byte(2)? << 8],
        Format::F21Text | Format::F21Type | Format::F21Field => vec![code | byte(0)? << 8, index?],
        Format::F22Field => vec![code | pair()?, index?],
        Format::F35Type | Format::F35Method => {
            let count = instruction.registers.len();
            let listed = |place: usize| if place < count { nibble(place) } else { Some(0) };
            if count > 5 {
                return None;
            }
            vec![
                code | listed(4)? << 8 | to_u16(count) << 12,
                index?,
                listed(0)? | listed(1)? << 4 | listed(2)? << 8 | listed(3)? << 12,
            ]
        }
    })
}

/// The handlers of each range of addresses, in code units, in the order they were written.
type Tries<'a> = BTreeMap<(usize, usize), Vec<(&'a str, usize)>>;

fn tries<'a>(method: &'a Method, addresses: &[usize]) -> Result<Tries<'a>, SmaliError> {
    let mut tries = Tries::new();
    for catch in &method.catches {
        let address = |label: &String| {
            method.labels.get(label).map(|index| addresses[*index]).ok_or_else(|| SmaliError {
                line: method.instructions.first().map_or(0, |instruction| instruction.line),
                problem: format!("the method has no label {label:?}"),
            })
        };
        let range = (address(&catch.start)?, address(&catch.end)?);
        tries.entry(range).or_default().push((&catch.exception, address(&catch.handler)?));
    }
    Ok(tries)
}

/// The `try_item`s and behind them their handler lists.
fn put_tries(item: &mut Vec<u8>, tries: &Tries<'_>, pools: &Pools) {
    let mut handlers = Vec::new();
    put_uleb128(&mut handlers, to_u32(tries.len()));
    for ((start, end), catches) in tries {
        item.put_u32(to_u32(*start));
        item.put_u16(to_u16(end - start));
        item.put_u16(to_u16(handlers.len()));
        // A positive count says that no catch-all follows. It is signed, so below 64 it equals its unsigned form.
        let count = u8::try_from(catches.len()).ok().filter(|count| *count < 64);
        handlers.push(count.expect("a try of the shell catches one or two exceptions"));
        for (exception, address) in catches {
            put_uleb128(&mut handlers, u32::from(pools.kind(exception)));
            put_uleb128(&mut handlers, to_u32(*address));
        }
    }
    item.extend_from_slice(&handlers);
}
