//! Spring Boot's clients: those that its builder makes are observed by Micrometer, those made by hand are not.

use crate::evidence::Span;
use crate::facts::Facts;
use crate::facts::clients::Site;
use crate::facts::code::{Call, Code, Kind, Language, Node, Origin};

/// Each client with the builder that Spring hands over.
const BUILDERS: [(&str, &str); 3] = [
    ("RestTemplate", "RestTemplateBuilder()"),
    ("RestClient", "RestClient.Builder()"),
    ("WebClient", "WebClient.Builder()"),
];
/// What makes observation work: Actuator, and a registry or a tracer.
const ACTUATOR: &str = "org.springframework.boot:spring-boot-starter-actuator";
const REGISTRIES: [&str; 2] = ["io.micrometer:micrometer-registry-", "io.micrometer:micrometer-tracing-bridge-"];

/// Whether Spring observes clients here, and through which.
#[derive(Debug, Default)]
pub(super) struct Observed {
    is_on: bool,
    /// The builders that are used, by the client's name, and whether any client of it is made without.
    built: Vec<(&'static str, Span)>,
    by_hand: Vec<&'static str>,
}

pub(super) fn observed(facts: &Facts) -> Observed {
    let packages = facts.manifests().packages();
    let has = |name: &dyn Fn(&str) -> bool| {
        packages
            .iter()
            .flat_map(|package| &package.dependencies)
            .any(|dependency| !dependency.development && name(&dependency.name))
    };
    let is_on =
        has(&|name| name == ACTUATOR) && has(&|name| REGISTRIES.iter().any(|registry| name.starts_with(registry)));
    let mut observed = Observed { is_on, ..Observed::default() };
    if is_on {
        observed.look(facts.code());
    }
    observed
}

impl Observed {
    fn look(&mut self, code: &Code) {
        let is_jvm = |call: &Call<'_>| matches!(call.node.source().language(), Language::Java | Language::Kotlin);
        for call in code.calls().filter(is_jvm) {
            for (client, builder) in BUILDERS {
                let is_built = call.method() == "build" && is_injected(code, call.node, builder);
                if is_built {
                    self.built.push((client, call.node.span()));
                }
                let path = call.path().unwrap_or_default();
                let is_static = path == format!("{client}.create") || path == format!("{client}.builder");
                if path == client || is_static {
                    self.by_hand.push(client);
                }
            }
        }
    }

    /// The place where the client of a call comes from Spring's builder.
    pub(super) fn of(&self, code: &Code, site: &Site) -> Option<Span> {
        let (client, builder) =
            BUILDERS.iter().find(|(client, _)| *client == site.library.name).filter(|_| self.is_on)?;
        if let Some(maker) = site.maker(code) {
            return is_injected(code, maker.node, builder).then(|| maker.node.span()).or_else(|| self.only(client));
        }
        self.only(client)
    }

    /// A client that is injected: built somewhere by the builder, and nowhere without.
    fn only(&self, client: &str) -> Option<Span> {
        let is_by_hand = self.by_hand.contains(&client);
        let built = self.built.iter().find(|(own, _)| *own == client && !is_by_hand);
        built.map(|(_, span)| span.clone())
    }
}

/// Whether a chain of calls begins with a builder that something hands over, by its type.
fn is_injected(code: &Code, node: Node<'_>, builder: &str) -> bool {
    let mut root = node;
    for _ in 0..40 {
        root = match root.kind() {
            Kind::Call(call) => call.callee,
            Kind::Member { object, .. } if !matches!(object.kind(), Kind::This) => object,
            _ => break,
        };
    }
    code.origins(root).iter().any(|origin| match origin {
        Origin::Library(path, None) => path.ends_with(builder),
        _ => false,
    })
}
