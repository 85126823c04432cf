//! The suggestions that Ruby's did_you_mean adds to the messages of NameError, NoMethodError and KeyError.

use std::rc::Rc;

use super::kernel::method_names;
use crate::class::Visibility;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Set on a NoMethodError whose call could have reached private methods.
pub(crate) const PRIVATE_CALL: &str = "private_call";

/// What could have been written in place of a private call.
const CALL_WORDS: &str =
    "alias case def defined? elsif end ensure for rescue super undef unless until when while yield";

/// What could have been written in place of a variable.
const VARIABLE_WORDS: &str = "BEGIN END alias and begin break case class def defined? else elsif end ensure false for \
     module next nil not redo rescue retry return self super then true undef unless until when while yield __LINE__ \
     __FILE__ __ENCODING__";

/// What follows an exception's message: nothing, or a line for each suggestion.
pub(crate) fn suggestion(vm: &Interp, error: &Value, message: &str) -> String {
    let words = corrections(vm, error, message).unwrap_or_default();
    if words.is_empty() { String::new() } else { format!("\nDid you mean?  {}", words.join("\n               ")) }
}

fn corrections(vm: &Interp, error: &Value, message: &str) -> Res<Vec<String>> {
    let field = |name: Sym| error.head().and_then(|head| head.ivar(name));
    let Some(receiver) = field(known::RECEIVER) else { return Ok(Vec::new()) };
    match &*vm.real_class_of(error).name() {
        "KeyError" => match field(known::KEY) {
            Some(key) => keys(vm, &receiver, &key),
            None => Ok(Vec::new()),
        },
        "NoMethodError" => match field(known::NAME) {
            Some(Value::Sym(name)) => {
                let private = field(Sym::new(PRIVATE_CALL)).is_some_and(|private| private.truthy());
                methods(vm, &receiver, name, private)
            }
            _ => Ok(Vec::new()),
        },
        "NameError" => match field(known::NAME) {
            Some(Value::Sym(name)) if message.contains("uninitialized constant") => {
                constants(vm, &receiver, name, message)
            }
            Some(Value::Sym(name)) if VARIABLES.iter().any(|words| message.contains(words)) => {
                variables(vm, &receiver, name)
            }
            _ => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    }
}

/// Messages of NameErrors that are about a variable or method.
const VARIABLES: &[&str] =
    &["undefined local variable or method", "undefined method", "uninitialized class variable", "no member"];

fn keys(vm: &Interp, receiver: &Value, key: &Value) -> Res<Vec<String>> {
    let listed = vm.send(receiver, "keys", &[])?;
    let mut texts = Vec::new();
    let mut exact = Vec::new();
    for known in vm.collect(&listed)? {
        let text = vm.to_s(&known)?.lossy();
        let shown = vm.inspect(&known)?.lossy();
        if matches!(key, Value::Str(key) if key.lossy() == text) {
            exact.push(shown.clone());
        }
        texts.push((text, shown));
    }
    if !exact.is_empty() {
        return Ok(exact);
    }
    let wanted = vm.to_s(key)?.lossy();
    let words: Vec<String> = texts.iter().map(|(text, _)| text.clone()).collect();
    let found = correct(&wanted, &words);
    Ok(found.into_iter().map(|at| texts[at].1.clone()).collect())
}

fn push_methods(vm: &Interp, receiver: &Value, words: &mut Vec<String>, visible: fn(Visibility) -> bool) -> Res<()> {
    let class = vm.class_of(receiver);
    for name in vm.collect(&method_names(vm, &class, true, visible))? {
        words.push(vm.to_name(&name)?.to_string());
    }
    Ok(())
}

fn methods(vm: &Interp, receiver: &Value, name: Sym, private: bool) -> Res<Vec<String>> {
    if !vm.is_a(receiver, &vm.c.object) {
        return Ok(Vec::new());
    }
    let mut words: Vec<String> = Vec::new();
    if private {
        words.extend(CALL_WORDS.split(' ').map(str::to_owned));
    }
    push_methods(vm, receiver, &mut words, |visibility| visibility != Visibility::Private)?;
    if private {
        push_methods(vm, receiver, &mut words, |visibility| visibility == Visibility::Private)?;
    }
    let mut found = chosen(&name.text(), &words);
    if receiver.is_nil() {
        let mut excluded = Vec::new();
        push_methods(vm, receiver, &mut excluded, |visibility| visibility != Visibility::Private)?;
        found.retain(|word| !excluded.contains(word));
    }
    Ok(found)
}

fn variables(vm: &Interp, receiver: &Value, name: Sym) -> Res<Vec<String>> {
    let name = name.text().replace('@', "");
    let mut words: Vec<String> = VARIABLE_WORDS.split_whitespace().map(str::to_owned).collect();
    push_methods(vm, receiver, &mut words, |visibility| visibility != Visibility::Private)?;
    push_methods(vm, receiver, &mut words, |visibility| visibility == Visibility::Private)?;
    let ivars = receiver.head().map(crate::value::Head::ivars).unwrap_or_default();
    words.extend(ivars.iter().map(|(name, _)| name.to_string()).filter(|name| name.starts_with('@')));
    let mut holders = vec![vm.real_class_of(receiver)];
    if let Value::Class(class) = receiver {
        holders.push(Rc::clone(class));
    }
    for holder in holders {
        for ancestor in holder.ancestors(vm.epoch()).iter() {
            words.extend(ancestor.class_vars.borrow().keys().map(ToString::to_string));
        }
    }
    let mut found = chosen(&name, &words);
    found.retain(|word| name != "foo" || !matches!(word.as_str(), "fork" | "for"));
    Ok(found)
}

fn constants(vm: &Interp, receiver: &Value, name: Sym, message: &str) -> Res<Vec<String>> {
    let mut scopes = vec![Rc::clone(&vm.c.object)];
    if let Value::Class(class) = receiver
        && !Rc::ptr_eq(class, &vm.c.object)
    {
        let mut at = Rc::clone(&vm.c.object);
        for part in vm.to_s(receiver)?.lossy().split("::") {
            let Some(Value::Class(inner)) = vm.constant_in(&at, Sym::new(part), true) else { return Ok(Vec::new()) };
            at = inner;
            scopes.push(Rc::clone(&at));
        }
    }
    let (mut words, mut paths) = (Vec::new(), Vec::new());
    for scope in scopes {
        let prefix = if Rc::ptr_eq(&scope, &vm.c.object) { String::new() } else { format!("{}::", scope.name()) };
        let names = vm.send(&Value::Class(Rc::clone(&scope)), "constants", &[])?;
        for constant in vm.collect(&names)? {
            let word = vm.to_name(&constant)?.to_string();
            paths.push(format!("{prefix}{word}"));
            words.push(word);
        }
    }
    let found = correct(&name.text(), &words).into_iter().map(|at| paths[at].clone());
    Ok(found.filter(|path| !message.contains(path.as_str())).collect())
}

fn chosen(input: &str, words: &[String]) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for word in correct(input, words).into_iter().map(|at| &words[at]) {
        if !unique.contains(word) {
            unique.push(word.clone());
        }
    }
    unique
}

fn normalized(word: &str) -> Vec<char> {
    word.to_lowercase().chars().filter(|c| *c != '@').collect()
}

/// Which words are near what was written, the nearest first: near enough by Jaro and Winkler's measure and at most a quarter
/// of the letters wrong, or else the nearest one that shares a letter.
fn correct(input: &str, words: &[String]) -> Vec<usize> {
    let wanted = normalized(input);
    let threshold = if wanted.len() > 3 { 0.834 } else { 0.77 };
    let mut near: Vec<(usize, f64)> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| word.as_str() != input && jaro_winkler(&normalized(word), &wanted) >= threshold)
        .map(|(at, word)| (at, jaro_winkler(&word.chars().collect::<Vec<_>>(), &wanted)))
        .collect();
    near.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    near.reverse();
    let most = wanted.len().div_ceil(4);
    let distance = |at: usize| levenshtein(&normalized(&words[at]), &wanted);
    let close: Vec<usize> = near.iter().map(|(at, _)| *at).filter(|at| distance(*at) <= most).collect();
    if !close.is_empty() {
        return close;
    }
    let shares = |at: &usize| distance(*at) < wanted.len().min(normalized(&words[*at]).len());
    near.iter().map(|(at, _)| *at).find(shares).into_iter().collect()
}

fn jaro(a: &[char], b: &[char]) -> f64 {
    let (short, long) = if a.len() > b.len() { (b, a) } else { (a, b) };
    let range = (long.len() / 2).saturating_sub(1);
    let (mut short_hits, mut long_hits) = (vec![false; short.len()], vec![false; long.len()]);
    let mut matches = 0.0;
    for (i, letter) in short.iter().enumerate() {
        let window = i.saturating_sub(range)..(i + range + 1).min(long.len());
        if let Some(j) = window.into_iter().find(|j| !long_hits[*j] && long[*j] == *letter) {
            (short_hits[i], long_hits[j]) = (true, true);
            matches += 1.0;
        }
    }
    if matches == 0.0 {
        return 0.0;
    }
    let hit = |letters: &[char], hits: &[bool]| -> Vec<char> {
        letters.iter().zip(hits).filter(|(_, hit)| **hit).map(|(letter, _)| *letter).collect()
    };
    let (short_letters, long_letters) = (hit(short, &short_hits), hit(long, &long_hits));
    let moved = short_letters.iter().zip(&long_letters).filter(|(a, b)| a != b).count();
    let moved = (moved / 2) as f64;
    (matches / short.len() as f64 + matches / long.len() as f64 + (matches - moved) / matches) / 3.0
}

fn jaro_winkler(a: &[char], b: &[char]) -> f64 {
    let jaro = jaro(a, b);
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count() as f64;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

fn levenshtein(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_did_you_mean() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(levenshtein(&chars("kitten"), &chars("sitting")), 3);
        assert!((jaro_winkler(&chars("martha"), &chars("marhta")) - 0.961_111).abs() < 1e-6);
        assert!((jaro_winkler(&chars("henka"), &chars("henkan")) - 0.966_667).abs() < 1e-6);
    }
}
