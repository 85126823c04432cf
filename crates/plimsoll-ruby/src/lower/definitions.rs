//! Methods, classes, modules, aliases.

use std::sync::Arc;

use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::scope::{Scope, ScopeKind};
use super::{Low, Lowerer, line_of, node, path_name, sym};
use crate::ir::{Body, ClassDef, Kind, Label, MethodDef, ModuleDef, Place};
use crate::symbol::Sym;

impl Lowerer<'_> {
    pub(super) fn definition(&mut self, node: &Prism<'_>, line: u32) -> Low<Kind> {
        Ok(match node {
            Prism::DefNode { .. } => self.method(&node!(node, as_def_node))?,
            Prism::ClassNode { .. } => {
                let class = node!(node, as_class_node);
                let (place, name) = self.place(&class.constant_path())?;
                let superclass = class.superclass().map(|node| self.node(&node)).transpose()?;
                let label = format!("<class:{name}>");
                let body = self.module_body(&class.locals(), class.body().as_ref(), &label, line)?;
                Kind::Class(Box::new(ClassDef { place, name, superclass, body }))
            }
            Prism::ModuleNode { .. } => {
                let module = node!(node, as_module_node);
                let (place, name) = self.place(&module.constant_path())?;
                let label = format!("<module:{name}>");
                let body = self.module_body(&module.locals(), module.body().as_ref(), &label, line)?;
                Kind::Module(Box::new(ModuleDef { place, name, body }))
            }
            Prism::SingletonClassNode { .. } => {
                let class = node!(node, as_singleton_class_node);
                let object = self.node(&class.expression())?;
                let body = self.module_body(&class.locals(), class.body().as_ref(), "singleton class", line)?;
                Kind::SingletonClass(Box::new((object, body)))
            }
            Prism::AliasMethodNode { .. } => {
                let alias = node!(node, as_alias_method_node);
                Kind::Alias(Box::new((self.node(&alias.new_name())?, self.node(&alias.old_name())?)))
            }
            Prism::AliasGlobalVariableNode { .. } => {
                let alias = node!(node, as_alias_global_variable_node);
                let name = |node: &Prism<'_>| Sym::from_bytes(node.location().as_slice());
                Kind::AliasGlobal(name(&alias.new_name()), name(&alias.old_name()))
            }
            _ => Kind::Undef(self.nodes(&node!(node, as_undef_node).names())?),
        })
    }

    fn method(&mut self, def: &prism::DefNode<'_>) -> Low<Kind> {
        let line = line_of(&def.location());
        let receiver = def.receiver().map(|receiver| self.node(&receiver)).transpose()?;
        let name = sym(def.name());
        let names = def.locals().iter().map(sym).collect();
        self.scopes.push(Scope::new(ScopeKind::Method, names, Label { base: name, blocks: 0 }));
        let params = self.method_params(def.parameters().as_ref())?;
        let mut body = self.optional(def.body().as_ref(), line)?;
        super::control::strip_tail(&mut body, |kind| matches!(kind, Kind::Return(_)));
        let scope = self.scopes.pop().expect("pushed above");
        let method = MethodDef { name, params, body, names: scope.names.into(), file: self.file, line };
        Ok(Kind::Def(Box::new((receiver, Arc::new(method)))))
    }

    fn place(&mut self, path: &Prism<'_>) -> Low<(Place, Sym)> {
        let Some(path) = path.as_constant_path_node() else {
            // Prism lets a symbol through.
            let Some(name) = path.as_constant_read_node() else {
                return Err(self.refuse(path, "syntax error, class/module name must be CONSTANT".to_owned()));
            };
            return Ok((Place::Here, sym(name.name())));
        };
        let place = match path.parent() {
            Some(parent) => Place::In(self.node(&parent)?),
            None => Place::Top,
        };
        Ok((place, path_name(path.name())))
    }

    fn module_body(
        &mut self,
        locals: &prism::ConstantList<'_>,
        body: Option<&Prism<'_>>,
        label: &str,
        line: u32,
    ) -> Low<Body> {
        let label = Label { base: Sym::new(label), blocks: 0 };
        self.scopes.push(Scope::new(ScopeKind::Body, locals.iter().map(sym).collect(), label));
        let code = self.optional(body, line)?;
        let scope = self.scopes.pop().expect("pushed above");
        Ok(Body { code, names: scope.names.into(), label, file: self.file })
    }
}
