function url(base, path) {
  return base.endsWith('/') ? base + path : `${base}/${path}`;
}

function retry(status) {
  return status === 429 || status >= 500;
}

module.exports = { url, retry };
