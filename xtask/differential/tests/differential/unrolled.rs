//! Modules of random loops that look unrolled, for the rewriting of loops that wasm-smith's modules hardly exercise.
//!
//! A loop is some copies of a few statements, stores and recurrences over two arrays that are apart, overlap or are
//! the same, for consecutive places upwards or downwards. In some of them a copy differs from the others, is missing,
//! or is not where it belongs. Addresses stay inside the memory, which is exported and filled when the module starts.

use super::module::Random;

/// Functions of a module.
const FUNCTIONS: usize = 8;

const FILL: &str = "(memory (export \"memory\") 1)
  (func $fill (local i32)
    (loop
      (i32.store (local.get 0) (i32.mul (i32.add (local.get 0) (i32.const 7)) (i32.const 0x9e3779b1)))
      (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 65536)))))
  (start $fill)";

pub(crate) fn generate(seed: u64) -> Vec<u8> {
    let mut text = format!("(module\n  {FILL}\n");
    for number in 0..FUNCTIONS {
        let random = Random::new(seed ^ ((number as u64) << 40));
        text += &Loop::new(random).function(number);
    }
    text.push(')');
    wat::parse_str(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"))
}

/// What the copies of a loop have in common.
struct Loop {
    random: Random,
    copies: i32,
    /// Bytes of an element.
    width: i32,
    /// Bytes from one copy's place to the next one's.
    stride: i32,
    /// Whether the second array's address is the first one's plus an invariant, in the loop.
    relative: bool,
    /// The statements of a copy, with `@n` for the place of its number `n` element, `#` for its number.
    statements: Vec<String>,
}

impl Loop {
    fn new(mut random: Random) -> Loop {
        let width = [1, 2, 4, 4][pick(&mut random, 4)];
        let stride = width * [1, 1, 1, -1, -1, 2][pick(&mut random, 6)];
        let copies = [2, 2, 3, 4, 4, 8][pick(&mut random, 6)];
        let mut made = Loop {
            relative: pick(&mut random, 2) == 0,
            random,
            copies,
            width,
            stride,
            statements: Vec::new(),
        };
        for _ in 0..1 + made.pick(2) {
            let statement = made.statement();
            made.statements.push(statement);
        }
        made
    }

    fn pick(&mut self, below: usize) -> usize {
        pick(&mut self.random, below)
    }

    fn statement(&mut self) -> String {
        let value = self.value(2);
        match self.pick(5) {
            0 => format!(
                "(local.set $s (i32.{} (local.get $s) {value}))",
                self.operator()
            ),
            1 => format!("(local.set $t {value})"),
            _ => {
                let store = match self.width {
                    1 => "store8",
                    2 => "store16",
                    _ => "store",
                };
                format!("(i32.{store} {} {value})", self.element())
            }
        }
    }

    fn value(&mut self, depth: u32) -> String {
        let leaf = depth == 0 || self.pick(4) == 0;
        match (leaf, self.pick(6)) {
            (true, 0) => "(local.get $k)".to_owned(),
            (true, 1) => format!("(i32.const {})", self.pick(100)),
            (true, 2) => "(local.get $t)".to_owned(),
            (true, 3) => "(i32.add (local.get $i) (i32.const #))".to_owned(),
            (true, _) => {
                let load = match self.width {
                    1 => "load8_u",
                    2 => "load16_s",
                    _ => "load",
                };
                format!("(i32.{load} {})", self.element())
            }
            (false, 0) => {
                let (a, b) = (self.value(depth - 1), self.value(depth - 1));
                format!("(select {a} {b} (i32.lt_u {a} {b}))")
            }
            (false, _) => {
                let operator = self.operator();
                let (a, b) = (self.value(depth - 1), self.value(depth - 1));
                format!("(i32.{operator} {a} {b})")
            }
        }
    }

    fn operator(&mut self) -> &'static str {
        ["add", "sub", "xor", "mul", "add", "shr_u", "and"][self.pick(7)]
    }

    /// The address of an element near a copy's place: an array and a marked offset.
    fn element(&mut self) -> String {
        let array = if self.pick(2) == 0 { "p" } else { "q" };
        let near = [0, 1, 2, -1, 0, 1][self.pick(6)];
        format!("[{array}{near}]")
    }

    /// The statements of copy `number`, its places being those of copy `place`.
    fn copy(&mut self, number: i32, place: i32) -> String {
        let mut text = self
            .statements
            .join("\n      ")
            .replace('#', &number.to_string());
        while let (Some(from), Some(to)) = (text.find('['), text.find(']')) {
            let near: i32 = text[from + 2..to].parse().expect("a number");
            let offset = place * self.stride + near * self.width;
            let base = match (&text[from + 1..from + 2], self.relative) {
                ("q", true) => "(i32.add (local.get $p) (local.get $d))".to_owned(),
                (array, _) => format!("(local.get ${array})"),
            };
            let address = format!("(i32.add {base} (i32.const {offset}))");
            text.replace_range(from..=to, &address);
        }
        text
    }

    /// The copies in order, or nearly.
    fn body(&mut self) -> String {
        let odd = self.pick(4) == 0;
        let one = (0..self.copies).nth(self.pick(self.copies.unsigned_abs() as usize));
        let change = self.pick(4);
        let mut copies: Vec<String> = Vec::new();
        for n in 0..self.copies {
            let changed = odd && one == Some(n);
            match change {
                0 if changed => copies.push(self.copy(n, n + 1)),
                1 if changed => copies.push(self.copy(n + 1, n)),
                2 if changed => copies.push(self.copy(n, n).replacen("add", "sub", 1)),
                3 if changed => copies.insert(0, self.copy(n, n)),
                _ => copies.push(self.copy(n, n)),
            }
        }
        if self.pick(8) == 0 {
            copies.reverse();
        }
        copies.join("\n      ")
    }

    fn function(mut self, number: usize) -> String {
        let step = self.stride * self.copies;
        let copies = self.copies;
        let second = match self.pick(3) {
            0 => "(i32.const 16384)",
            1 => "(i32.sub (i32.and (local.get $b) (i32.const 1023)) (i32.const 512))",
            _ => {
                "(i32.sub (i32.shl (i32.and (local.get $b) (i32.const 31)) (i32.const 2)) (i32.const 64))"
            }
        };
        let end = match self.pick(3) {
            // Counts up to a multiple of the step.
            0 => format!(
                "(i32.ne (local.tee $i (i32.add (local.get $i) (i32.const {copies}))) (i32.mul (local.get $n) (i32.const {copies})))"
            ),
            1 => format!(
                "(i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const {copies}))) (i32.mul (local.get $n) (i32.const {})))",
                copies - 1
            ),
            _ => format!(
                "(local.set $i (i32.add (local.get $i) (i32.const {copies}))) (local.tee $n (i32.sub (local.get $n) (i32.const 1)))"
            ),
        };
        let (body, twice) = (self.body(), self.pick(6) == 0);
        // The other way to keep a value: what the loop sees of it is a step old.
        let late = if twice {
            "(local.set $t (local.get $s))"
        } else {
            ""
        };
        format!(
            "  (func (export \"f{number}\") (param $a i32) (param $b i32) (param $k i32) (result i32)
    (local $i i32) (local $n i32) (local $p i32) (local $q i32) (local $d i32) (local $s i32) (local $t i32)
    (local.set $n (i32.add (i32.and (local.get $a) (i32.const 31)) (i32.const 1)))
    (local.set $p (i32.add (i32.and (local.get $b) (i32.const 4095)) (i32.const 20000)))
    (local.set $d {second})
    (local.set $q (i32.add (local.get $p) (local.get $d)))
    (loop
      {body}
      {late}
      (local.set $p (i32.add (local.get $p) (i32.const {step})))
      (local.set $q (i32.add (local.get $q) (i32.const {step})))
      {}
      (br_if 0))
    (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.add (local.get $t) (local.get $p))))\n",
            end
        )
    }
}

fn pick(random: &mut Random, below: usize) -> usize {
    (random.next() >> 11) as usize % below
}
