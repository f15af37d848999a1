//! HTTP/1.1 by hand, as far as a fake needs it: so that an answer can be cut, dripped, reset or never given.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Self { status, headers, body: if status == 204 { Vec::new() } else { body.to_string().into_bytes() } }
    }

    pub fn text(status: u16, kind: &str, body: &str) -> Self {
        Self { status, headers: vec![("content-type", kind.to_owned())], body: body.as_bytes().to_vec() }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    fn head(&self, length: usize) -> String {
        let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", self.status);
        if self.status != 204 {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }
}

/// Reads one request; nothing where the client went away.
pub async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < end + length {
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
    // A proxy is asked for the whole URL.
    let path_and_query = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/".to_owned(), |at| rest[at..].to_owned()),
        None => target,
    };
    let (path, query) = path_and_query.split_once('?').unwrap_or((&path_and_query, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Some(Asked { method, path: path.to_owned(), query, headers, body })
}

pub async fn write(stream: &mut TcpStream, reply: &Reply) -> io::Result<()> {
    stream.write_all(reply.head(reply.body.len()).as_bytes()).await?;
    stream.write_all(&reply.body).await?;
    stream.shutdown().await
}

/// Promises more than it gives.
pub async fn write_half(stream: &mut TcpStream, reply: &Reply) -> io::Result<()> {
    stream.write_all(reply.head(reply.body.len() + 100).as_bytes()).await?;
    stream.write_all(&reply.body[..reply.body.len() / 2]).await?;
    stream.shutdown().await
}

/// One byte at a time, for longer than anyone waits.
pub async fn write_slowly(stream: &mut TcpStream, reply: &Reply) -> io::Result<()> {
    let head = reply.head(reply.body.len() + 100_000);
    for byte in head.bytes().chain(reply.body.iter().copied()).chain(std::iter::repeat_n(b' ', 100_000)) {
        stream.write_all(&[byte]).await?;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// More than anyone keeps, without saying so before.
pub async fn write_without_end(stream: &mut TcpStream, reply: &Reply) -> io::Result<()> {
    let head = reply.head(0).replace("content-length: 0\r\n", "");
    stream.write_all(head.as_bytes()).await?;
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..64 {
        stream.write_all(&chunk).await?;
    }
    Ok(())
}

/// Ends the connection by a reset, not by an end.
pub fn reset(stream: TcpStream) {
    // The test's platform is Linux, where this works.
    #[allow(deprecated, reason = "a linger of zero does not block: it is what makes the kernel send a reset")]
    let _ = stream.set_linger(Some(Duration::ZERO));
    drop(stream);
}
