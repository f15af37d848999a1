//! What stands between: proxies, TLS with a private authority, and what each of them gets to see of the key.

use crate::fake::{Fake, key};
use crate::run::no_key_in;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The fake behind TLS, with a certificate of an authority that nobody knows; the authority's certificate as PEM.
async fn with_tls(fake: SocketAddr) -> (SocketAddr, String) {
    crate::run::prepare();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let own = KeyPair::generate().unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "api.mx.test".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&own, &authority).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let (Ok(mut inner), Ok(mut outer)) = (acceptor.accept(stream).await, TcpStream::connect(fake).await)
                else {
                    return;
                };
                let _ = copy_bidirectional(&mut inner, &mut outer).await;
            });
        }
    });
    (address, authority.pem())
}

/// A proxy that leads every name to its targets, and writes down what it is told in the clear.
async fn proxy(plain: SocketAddr, tls: SocketAddr) -> (SocketAddr, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, log) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
    let kept: Arc<Mutex<String>> = heard.clone();
    drop(log);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heard = heard.clone();
            tokio::spawn(async move {
                let mut head = vec![0; 8192];
                let count = stream.read(&mut head).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&head[..count]).into_owned();
                heard.lock().unwrap().push_str(&text);
                let is_tunnel = text.starts_with("CONNECT ");
                let Ok(mut outer) = TcpStream::connect(if is_tunnel { tls } else { plain }).await else { return };
                if is_tunnel {
                    stream.write_all(b"HTTP/1.1 200 x\r\n\r\n").await.unwrap();
                } else {
                    outer.write_all(&head[..count]).await.unwrap();
                }
                let _ = copy_bidirectional(&mut stream, &mut outer).await;
            });
        }
    });
    (address, kept)
}

async fn verify(arguments: &[String], variables: &[(&str, String)]) -> (Output, serde_json::Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mx-prod-gate"));
    command
        .env_clear()
        .env("MAINTAINX_API_KEY", key())
        .args(["verify", "--format", "json", "--timeout", "3s"])
        .args(arguments);
    command.envs(variables.iter().map(|(name, value)| (*name, value.as_str()))).stdin(Stdio::null());
    let output = command.output().await.unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    no_key_in(&[&out, &errors]);
    let report = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{errors}"));
    (output, report)
}

fn outcome<'a>(report: &'a serde_json::Value, check: &str) -> &'a str {
    let rows = report["rows"].as_array().unwrap();
    rows.iter().find(|row| row["check"] == check).unwrap()["outcome"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_authority_is_trusted_only_where_it_is_named() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let (address, authority) = with_tls(fake.address).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority).unwrap();
    let file = file.display().to_string();
    let url = ["--api-url".to_owned(), format!("https://localhost:{}/v1", address.port())];
    let (_, report) = verify(&url, &[]).await;
    assert_eq!(outcome(&report, "api-access"), "fail");
    assert!(fake.state().asked.is_empty(), "nothing is sent to a host that is not proven");
    let (_, report) = verify(&url, &[("SSL_CERT_FILE", file.clone())]).await;
    assert_eq!(outcome(&report, "work-order-cleanup"), "pass");
    let (output, report) = verify(&[&url[..], &["--ca-bundle".to_owned(), file]].concat(), &[]).await;
    assert_eq!((outcome(&report, "work-order-cleanup"), output.status.code()), ("pass", Some(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxies_are_used_and_never_see_the_key() {
    let fake = Fake::start(Vec::new(), watch::channel(None).0).await;
    let (tls, authority) = with_tls(fake.address).await;
    let (proxy, heard) = proxy(fake.address, tls).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority).unwrap();
    let variables = [
        ("HTTPS_PROXY", format!("http://{proxy}")),
        ("http_proxy", format!("http://{proxy}")),
        ("SSL_CERT_FILE", file.display().to_string()),
    ];
    let arguments =
        ["--api-url", "https://api.mx.test/v1", "--service-url", "http://app.mx.test/health"].map(str::to_owned);
    let (output, report) = verify(&arguments, &variables).await;
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    let told = heard.lock().unwrap().clone();
    assert!(told.contains("CONNECT api.mx.test:443") && told.contains("GET http://app.mx.test/health"), "{told}");
    assert!(!told.to_lowercase().contains("authorization"), "{told}");

    // To this machine the key goes without a proxy: in the clear, the proxy would read it.
    heard.lock().unwrap().clear();
    let (_, report) = verify(&["--api-url".to_owned(), fake.url("/v1")], &variables).await;
    assert_eq!(outcome(&report, "api-access"), "pass");
    assert_eq!(*heard.lock().unwrap(), "");

    // A proxy is no way around the guard of addresses, and NO_PROXY is honoured.
    let inner = [
        "--api-url".to_owned(),
        fake.url("/v1"),
        "--service-url".to_owned(),
        "http://169.254.169.254/health".to_owned(),
    ];
    let (_, report) = verify(&inner, &variables).await;
    assert_eq!(outcome(&report, "service-health"), "fail");
    let own = [
        "--api-url".to_owned(),
        fake.url("/v1"),
        "--service-url".to_owned(),
        fake.url("/health"),
        "--allow-private".to_owned(),
    ];
    let (_, report) = verify(&own, &[&variables[..], &[("no_proxy", "127.0.0.1".to_owned())]].concat()).await;
    assert_eq!(outcome(&report, "service-health"), "pass");
    assert_eq!(*heard.lock().unwrap(), "");
}
