//! The reader of the food table: tab-separated text in, foods or located faults out.
//!
//! It refuses to guess: an empty number is unknown, a malformed one is a fault, and a second row of the same key is a
//! fault instead of a silent overwrite.

use std::collections::HashMap;

use super::{Food, Source};
use crate::energy::{EnergyBasis, EnergyFactors};
use crate::nutrient::{CarbBasis, Facts, Nutrient, net_carbs_g};
use crate::vocabulary::{Set, UnknownWord, Word};

/// A fault of the food table, with its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("food table line {line}, column `{column}`: {fault}")]
pub struct TableError {
    /// Line of the file, from 1.
    pub line: usize,
    /// Name of the column.
    pub column: String,
    /// What is wrong and how to put it right.
    pub fault: TableFault,
}

/// What can be wrong with a cell.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableFault {
    /// A column of the header is absent.
    #[error("the header has no such column; add it")]
    MissingColumn,
    /// A row is shorter or longer than the header.
    #[error("the row has {found} cells, the header {expected}; separate cells by one tab each")]
    CellCount {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A number does not parse, or is negative or not finite.
    #[error("`{0}` is not a number of at least 0; leave the cell empty where the value is unknown")]
    BadNumber(String),
    /// A cell that must not be empty.
    #[error("the cell is empty; every food needs one")]
    Empty,
    /// A key that an earlier row has.
    #[error("`{key}` is already defined on line {first_line}; keep one of the two rows")]
    Duplicate {
        /// The key.
        key: String,
        /// The line of the first row.
        first_line: usize,
    },
    /// A word outside its vocabulary.
    #[error(transparent)]
    UnknownWord(#[from] UnknownWord),
    /// An unknown carbohydrate basis.
    #[error("`{0}` is not a carbohydrate basis; use fiber_included or fiber_excluded")]
    BadCarbBasis(String),
    /// Energy factors that are not three numbers.
    #[error("`{0}` is not protein/fat/carbohydrate in kcal per gram, such as 2.44/8.37/3.57")]
    BadFactors(String),
    /// More rows than an id can count.
    #[error("the table has more than 65,535 rows; split it")]
    TooMany,
}

/// The columns besides the nutrients.
const COLUMNS: [&str; 16] = [
    "key",
    "title",
    "state",
    "category",
    "traits",
    "allergens",
    "carb_basis",
    "alcohol_g",
    "polyols_g",
    "acids_g",
    "energy_factors",
    "source",
    "source_id",
    "source_title",
    "confirmed",
    "note",
];

pub(super) fn table(text: &str) -> Result<Vec<Food>, Vec<TableError>> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let header: Vec<&str> = lines.next().map_or(Vec::new(), |(_, line)| line.split('\t').collect());
    let measured = Nutrient::ALL.iter().filter(|nutrient| **nutrient != Nutrient::NetCarbs).map(|n| n.key());
    let missing: Vec<TableError> = COLUMNS
        .into_iter()
        .chain(measured)
        .filter(|column| !header.contains(column))
        .map(|column| TableError { line: 1, column: column.to_owned(), fault: TableFault::MissingColumn })
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let (mut foods, mut faults) = (Vec::new(), Vec::new());
    let mut first_lines: HashMap<String, usize> = HashMap::new();
    for (line, content) in lines {
        let row = Row { line, header: &header, cells: content.split('\t').collect() };
        match row.food() {
            Ok(food) => {
                if let Some(first_line) = first_lines.insert(food.key.clone(), line) {
                    faults
                        .push(row.fault("key", TableFault::Duplicate { key: food.key.clone(), first_line }));
                }
                foods.push(food);
            }
            Err(error) => faults.push(error),
        }
        if foods.len() > usize::from(u16::MAX) {
            faults.push(row.fault("key", TableFault::TooMany));
            break;
        }
    }
    if faults.is_empty() { Ok(foods) } else { Err(faults) }
}

struct Row<'a> {
    line: usize,
    header: &'a [&'a str],
    cells: Vec<&'a str>,
}

impl Row<'_> {
    fn fault(&self, column: &str, fault: TableFault) -> TableError {
        TableError { line: self.line, column: column.to_owned(), fault }
    }

    fn cell(&self, column: &str) -> &str {
        let index =
            self.header.iter().position(|name| *name == column).expect("the header was checked for it");
        self.cells[index].trim()
    }

    fn text(&self, column: &str) -> Result<String, TableError> {
        match self.cell(column) {
            "" => Err(self.fault(column, TableFault::Empty)),
            text => Ok(text.to_owned()),
        }
    }

    fn number(&self, column: &str) -> Result<Option<f64>, TableError> {
        match self.cell(column) {
            "" => Ok(None),
            text => match text.parse::<f64>() {
                Ok(value) if value.is_finite() && value >= 0.0 => Ok(Some(value)),
                _ => Err(self.fault(column, TableFault::BadNumber(text.to_owned()))),
            },
        }
    }

    fn word<T: Word>(&self, column: &str) -> Result<T, TableError> {
        T::parse(self.cell(column)).map_err(|error| self.fault(column, error.into()))
    }

    fn words<T: Word>(&self, column: &str) -> Result<Set<T>, TableError> {
        Set::parse(self.cell(column)).map_err(|error| self.fault(column, error.into()))
    }

    fn factors(&self) -> Result<Option<EnergyFactors>, TableError> {
        let text = self.cell("energy_factors");
        if text.is_empty() {
            return Ok(None);
        }
        let numbers: Vec<f64> = text.split('/').filter_map(|part| part.parse().ok()).collect();
        match numbers[..] {
            [protein, fat, carbs] => Ok(Some(EnergyFactors { protein, fat, carbs })),
            _ => Err(self.fault("energy_factors", TableFault::BadFactors(text.to_owned()))),
        }
    }

    fn food(&self) -> Result<Food, TableError> {
        if self.cells.len() != self.header.len() {
            let fault = TableFault::CellCount { found: self.cells.len(), expected: self.header.len() };
            return Err(self.fault("key", fault));
        }
        let carb_basis = match self.cell("carb_basis") {
            "fiber_included" => CarbBasis::FiberIncluded,
            "fiber_excluded" => CarbBasis::FiberExcluded,
            other => return Err(self.fault("carb_basis", TableFault::BadCarbBasis(other.to_owned()))),
        };
        let mut facts = Facts::default();
        for nutrient in Nutrient::ALL.iter().filter(|nutrient| **nutrient != Nutrient::NetCarbs) {
            facts.set(*nutrient, self.number(nutrient.key())?);
        }
        let net = net_carbs_g(facts.get(Nutrient::Carbs), facts.get(Nutrient::Fiber), carb_basis);
        facts.set(Nutrient::NetCarbs, net);
        Ok(Food {
            key: self.text("key")?,
            title: self.text("title")?,
            state: self.word("state")?,
            category: self.word("category")?,
            traits: self.words("traits")?,
            allergens: self.words("allergens")?,
            carb_basis,
            facts,
            energy_basis: EnergyBasis {
                alcohol_g: self.number("alcohol_g")?.unwrap_or(0.0),
                polyols_g: self.number("polyols_g")?.unwrap_or(0.0),
                acids_g: self.number("acids_g")?.unwrap_or(0.0),
                factors: self.factors()?,
            },
            source: Source {
                dataset: self.text("source")?,
                id: self.text("source_id")?,
                title: self.text("source_title")?,
                confirmed: self
                    .cell("confirmed")
                    .split(',')
                    .filter_map(|entry| entry.split_once('='))
                    .map(|(nutrient, reason)| (nutrient.to_owned(), reason.to_owned()))
                    .collect(),
            },
            note: self.cell("note").to_owned(),
        })
    }
}
