//! Methods of String, Array and Hash on random values give what the same operations in Rust give.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::rc::Rc;

use plimsoll_ruby::{Interp, Limits, NoHost};
use proptest::collection::vec;
use proptest::prelude::*;

/// Evaluates an expression, inspected.
fn eval(source: &str) -> String {
    thread_local!(static VM: Rc<Interp> = Interp::new(Rc::new(NoHost), Limits::default()));
    VM.with(|vm| {
        vm.renew_budget();
        match vm.eval_str(source).and_then(|value| vm.inspect(&value)) {
            Ok(text) => text.lossy(),
            Err(unwind) => format!("!! {unwind:?}"),
        }
    })
}

/// How Ruby writes a value.
trait Ruby {
    fn ruby(&self) -> String;
}

impl Ruby for i64 {
    fn ruby(&self) -> String {
        self.to_string()
    }
}

impl Ruby for usize {
    fn ruby(&self) -> String {
        self.to_string()
    }
}

impl Ruby for str {
    fn ruby(&self) -> String {
        // The texts here have no character that Ruby would escape.
        format!("\"{self}\"")
    }
}

impl Ruby for String {
    fn ruby(&self) -> String {
        self.as_str().ruby()
    }
}

impl<T: Ruby + ?Sized> Ruby for &T {
    fn ruby(&self) -> String {
        (**self).ruby()
    }
}

impl<T: Ruby> Ruby for Option<T> {
    fn ruby(&self) -> String {
        self.as_ref().map_or_else(|| "nil".to_owned(), Ruby::ruby)
    }
}

impl<T: Ruby> Ruby for [T] {
    fn ruby(&self) -> String {
        format!("[{}]", self.iter().map(Ruby::ruby).collect::<Vec<_>>().join(", "))
    }
}

impl<T: Ruby> Ruby for Vec<T> {
    fn ruby(&self) -> String {
        self.as_slice().ruby()
    }
}

/// Keys in the order in which they came first, as a Hash keeps them.
#[derive(Clone, Debug, PartialEq)]
struct Pairs<K, V>(Vec<(K, V)>);

impl<K: PartialEq, V> Pairs<K, V> {
    fn of(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut all = Self(Vec::new());
        for (key, value) in pairs {
            match all.0.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => all.0.push((key, value)),
            }
        }
        all
    }
}

impl<K: Ruby, V: Ruby> Ruby for Pairs<K, V> {
    fn ruby(&self) -> String {
        let mut text = String::from("{");
        for (at, (key, value)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(text, "{comma}{}=>{}", key.ruby(), value.ruby()).unwrap();
        }
        text + "}"
    }
}

fn distinct<T: Clone + Eq + std::hash::Hash>(values: &[T]) -> Vec<T> {
    let mut seen = HashSet::new();
    values.iter().filter(|value| seen.insert(*value)).cloned().collect()
}

/// The place and length that `[start, length]` means among so many.
fn slice(start: i64, length: i64, count: usize) -> Option<std::ops::Range<usize>> {
    let from = usize::try_from(if start < 0 { start + count as i64 } else { start }).ok()?;
    let length = usize::try_from(length).ok()?;
    (from <= count).then(|| from..(from + length).min(count))
}

fn integers() -> impl Strategy<Value = Vec<i64>> {
    vec(-9_i64..9, 0..12)
}

fn text() -> impl Strategy<Value = String> {
    "[abcAB ,é日-]{0,12}"
}

fn hash() -> impl Strategy<Value = Pairs<String, i64>> {
    vec(("[a-d]{0,2}", -3_i64..3), 0..8).prop_map(Pairs::of)
}

macro_rules! law {
    ($source:expr => $expected:expr) => {{
        let source = $source;
        prop_assert_eq!(eval(&source), $expected.ruby(), "{}", source);
    }};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arrays(a in integers(), b in integers(), start in -14_i64..14, length in -2_i64..14, n in 1_usize..5) {
        let (r, s) = (a.ruby(), b.ruby());
        let mut sorted = a.clone();
        sorted.sort_unstable();
        let reversed: Vec<i64> = a.iter().rev().copied().collect();
        law!(format!("{r}.reverse") => reversed);
        law!(format!("{r}.sort") => sorted);
        law!(format!("{r}.sort_by {{ |x| -x }}.map(&:abs).sum") => a.iter().map(|x| x.abs()).sum::<i64>());
        law!(format!("[{r}.min, {r}.max]") => vec![a.iter().min().copied(), a.iter().max().copied()]);
        law!(format!("{r}.uniq") => distinct(&a));
        law!(format!("{r} + {s}") => [a.clone(), b.clone()].concat());
        law!(format!("{r} - {s}") => a.iter().filter(|x| !b.contains(x)).copied().collect::<Vec<_>>());
        law!(format!("{r} & {s}") => distinct(&a.iter().filter(|x| b.contains(x)).copied().collect::<Vec<_>>()));
        law!(format!("{r} | {s}") => distinct(&[a.clone(), b.clone()].concat()));
        law!(format!("{r}[{start}, {length}]") => slice(start, length, a.len()).map(|range| a[range].to_vec()));
        law!(format!("{r}.index({n})") => a.iter().position(|x| *x == n as i64));
        law!(format!("{r}.rindex({n})") => a.iter().rposition(|x| *x == n as i64));
        law!(format!("{r}.each_slice({n}).to_a") => a.chunks(n).map(<[i64]>::to_vec).collect::<Vec<_>>());
        law!(format!("{r}.each_cons({n}).to_a") => a.windows(n).map(<[i64]>::to_vec).collect::<Vec<_>>());
        law!(format!("{r}.rotate({n})") => {
            let (head, tail) = a.split_at(n % a.len().max(1));
            [tail, head].concat()
        });
        law!(format!("{r}.partition {{ |x| x > 0 }}") => {
            let (above, below): (Vec<i64>, Vec<i64>) = a.iter().partition(|x| **x > 0);
            vec![above, below]
        });
        law!(format!("{r}.zip({s})") => a.iter().enumerate().map(|(at, x)| vec![Some(*x), b.get(at).copied()]).collect::<Vec<_>>());
        law!(format!("{r}.group_by {{ |x| x % {n} }}") => {
            let modulo = |x: &i64| x.rem_euclid(n as i64);
            let keys = distinct(&a.iter().map(modulo).collect::<Vec<_>>());
            let group = |key| a.iter().filter(|x| modulo(x) == key).copied().collect::<Vec<_>>();
            Pairs(keys.into_iter().map(|key| (key, group(key))).collect())
        });
        law!(format!("{r}.tally.sort") => {
            let mut counts = BTreeMap::new();
            for x in &a {
                *counts.entry(*x).or_insert(0_i64) += 1;
            }
            counts.into_iter().map(|(x, count)| vec![x, count]).collect::<Vec<_>>()
        });
        law!(format!("[{r}, [[{s}], 1]].flatten") => [a.clone(), b.clone(), vec![1]].concat());
        law!(format!("[{r}, [{s}]].flatten(1)[0, {}]", a.len()) => a);
        law!(format!("{r}.each_slice({n}).to_a.flatten == {r} && {r}.reverse.reverse == {r} ? 1 : 0") => 1_i64);
    }

    #[test]
    fn strings(a in text(), b in text(), start in -14_i64..14, length in -2_i64..14, parts in vec("[a-cé]{1,3}", 0..6)) {
        let (r, s) = (a.ruby(), b.ruby());
        let chars: Vec<char> = a.chars().collect();
        let place = |at: usize| a[..at].chars().count();
        law!(format!("{r}.reverse") => a.chars().rev().collect::<String>());
        law!(format!("{r}.size") => chars.len());
        law!(format!("{r}.bytesize") => a.len());
        law!(format!("{r} + {s}") => format!("{a}{b}"));
        law!(format!("{r}.chars") => chars.iter().map(char::to_string).collect::<Vec<_>>());
        law!(format!("{r}.bytes.sum") => a.bytes().map(i64::from).sum::<i64>());
        law!(format!("{r}[{start}, {length}]") => slice(start, length, chars.len()).map(|range| chars[range].iter().collect::<String>()));
        law!(format!("{r}.index({s})") => a.find(&b).map(place));
        law!(format!("{r}.rindex({s})") => a.rfind(&b).map(place));
        law!(format!("{r}.upcase.downcase") => a.to_lowercase());
        law!(format!("{r}.strip") => a.trim());
        law!(format!("{r}.gsub('a', {s})") => a.replace('a', &b));
        law!(format!("{r}.tr('ab', 'xy')") => a.replace('a', "x").replace('b', "y"));
        law!(format!("{r}.delete('aé')") => a.replace(['a', 'é'], ""));
        law!(format!("{r}.count('a,')") => a.matches(['a', ',']).count());
        law!(format!("{r}.split(',', -1)") => if a.is_empty() { vec![] } else { a.split(',').collect::<Vec<_>>() });
        law!(format!("{r}.split") => a.split_whitespace().collect::<Vec<_>>());
        law!(format!("{r}.scan(/[ab]+/)") => a.split(|c| !"ab".contains(c)).filter(|run| !run.is_empty()).collect::<Vec<_>>());
        law!(format!("{r} <=> {s}") => a.as_bytes().cmp(b.as_bytes()) as i64);
        law!(format!("{}.join(',')", parts.ruby()) => parts.join(","));
        law!(format!("{}.join(',').split(',')", parts.ruby()) => parts);
    }

    #[test]
    fn hashes(a in hash(), b in hash(), n in -3_i64..3) {
        let (r, s) = (a.ruby(), b.ruby());
        let keys: Vec<String> = a.0.iter().map(|(key, _)| key.clone()).collect();
        let values: Vec<i64> = a.0.iter().map(|(_, value)| *value).collect();
        law!(r.clone() => a);
        law!(format!("{r}.keys") => keys);
        law!(format!("{r}.values") => values);
        law!(format!("{r}.size") => keys.len());
        law!(format!("{r}.merge({s})") => Pairs::of(a.0.iter().chain(&b.0).cloned()));
        law!(format!("{r}.invert") => Pairs::of(a.0.iter().cloned().map(|(key, value)| (value, key))));
        law!(format!("{r}.select {{ |_, v| v > {n} }}") => Pairs(a.0.iter().filter(|pair| pair.1 > n).cloned().collect()));
        law!(format!("{r}.reject {{ |_, v| v > {n} }}") => Pairs(a.0.iter().filter(|pair| pair.1 <= n).cloned().collect()));
        law!(format!("{r}.key({n})") => a.0.iter().find(|pair| pair.1 == n).map(|pair| pair.0.clone()));
        law!(format!("{r}.slice('a', 'b')") => {
            let named = |name: &str| a.0.iter().find(|pair| pair.0 == name).cloned();
            Pairs(["a", "b"].into_iter().filter_map(named).collect())
        });
        law!(format!("{r}.except('a')") => Pairs(a.0.iter().filter(|pair| pair.0 != "a").cloned().collect()));
        law!(format!("{r}.transform_values {{ |v| v * 2 }}") => Pairs(a.0.iter().map(|(key, value)| (key.clone(), value * 2)).collect()));
        law!(format!("{r}.sort_by {{ |k, v| [v, k] }}.map(&:first)") => {
            let mut pairs = a.0.clone();
            pairs.sort_by(|x, y| (x.1, &x.0).cmp(&(y.1, &y.0)));
            pairs.into_iter().map(|pair| pair.0).collect::<Vec<_>>()
        });
        law!(format!("{r}.to_a.to_h == {r} && {r}.sort.to_h == {r} && {r}.hash == {r}.to_a.reverse.to_h.hash ? 1 : 0") => 1_i64);
    }
}
