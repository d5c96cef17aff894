#include "web/assets.hpp"

#include "base/crypto.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace beamline::web {

namespace {

namespace fs = std::filesystem;

// 64 bits of SHA-256 tell two versions of one file apart.
constexpr std::size_t etag_octets = 8;

struct media_type {
  std::string_view extension;
  std::string_view type;
};
constexpr auto media_types = std::to_array<media_type>({
    {".avif", "image/avif"},
    {".css", "text/css; charset=utf-8"},
    {".gif", "image/gif"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
});

std::string type_of(const std::string& name) {
  auto extension = fs::path{name}.extension().string();
  auto at = std::ranges::find(media_types, extension, &media_type::extension);
  return std::string{at == media_types.end() ? "application/octet-stream" : at->type};
}

result<std::string> read_all(const fs::path& path) {
  auto in = std::ifstream{path, std::ios::binary};
  auto text = std::string{std::istreambuf_iterator<char>{in}, {}};
  if (!in)
    return error{errc::io, "asset " + path.string() + " cannot be read; check its permissions"};
  return text;
}

/// All files below `dir`, by their names relative to it.
result<std::map<std::string, std::string>> read_tree(const fs::path& dir) {
  auto files = std::map<std::string, std::string>{};
  auto total = std::uintmax_t{0};
  auto ec = std::error_code{};
  for (auto it = fs::recursive_directory_iterator{dir, ec}; !ec && it != fs::end(it); it.increment(ec)) {
    // The asset build writes into hidden files first and renames them when complete.
    if (!it->is_regular_file(ec) || ec || it->path().filename().string().starts_with('.'))
      continue;
    total += it->file_size(ec);
    if (total > assets_bytes_max)
      return error{errc::too_large, "the assets in " + dir.string() + " have more than "
                                        + std::to_string(assets_bytes_max) + " octets; serve large files elsewhere"};
    auto text = read_all(it->path());
    if (!text)
      return text.error();
    files.emplace(it->path().lexically_relative(dir).generic_string(), std::move(*text));
  }
  if (ec)
    return error{errc::not_found,
                 "the assets in " + dir.string() + " cannot be read (" + ec.message() + "); build them first"};
  return files;
}

result<std::map<std::string, std::string, std::less<>>> read_manifest(const fs::path& dir,
                                                                      const std::map<std::string, std::string>& files) {
  auto where = (dir / "manifest.json").string();
  auto at = files.find("manifest.json");
  if (at == files.end())
    return error{errc::not_found, where + " is missing; build the assets first"};
  auto parsed = parse_json(at->second);
  if (!parsed || !parsed->is_object())
    return error{errc::corrupt, where + " is not a JSON object" + (parsed ? "" : ": " + parsed.error().message)
                                    + "; build the assets again"};
  auto names = std::map<std::string, std::string, std::less<>>{};
  for (const auto& [plain, hashed] : parsed->items()) {
    if (!hashed.is_string() || !files.contains(hashed.get<std::string>()))
      return error{errc::corrupt,
                   where + ": \"" + plain + "\" does not name a file of the directory; build the assets again"};
    names.emplace(plain, hashed.get<std::string>());
  }
  return names;
}

/// Whether the client takes `coding`; a weight of zero means no.
bool accepts(const request& req, std::string_view coding) {
  auto rest = req.header("accept-encoding");
  while (!rest.empty()) {
    auto comma = std::min(rest.find(','), rest.size());
    auto part = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    auto semicolon = std::min(part.find(';'), part.size());
    if (!iequals(trimmed(part.substr(0, semicolon)), coding))
      continue;
    auto weight = trimmed(part.substr(std::min(semicolon + 1, part.size())));
    return weight.find_first_not_of("q=0.") != std::string_view::npos || weight.empty();
  }
  return false;
}

bool has_match(std::string_view if_none_match, std::string_view quoted_etag) {
  return trimmed(if_none_match) == "*" || if_none_match.find(quoted_etag) != std::string_view::npos;
}

}  // namespace

result<asset_store> asset_store::load(const fs::path& dir) {
  auto files = read_tree(dir);
  if (!files)
    return files.error();
  auto names = read_manifest(dir, *files);
  if (!names)
    return names.error();

  auto store = asset_store{};
  auto sibling = [&](const std::string& name) -> content {
    auto at = files->find(name);
    return at == files->end() ? nullptr : std::make_shared<const std::string>(at->second);
  };
  for (const auto& [name, text] : *files) {
    auto is_sibling = name.ends_with(".br") || name.ends_with(".gz");
    if (name == "manifest.json" || (is_sibling && files->contains(name.substr(0, name.size() - 3))))
      continue;
    auto data = std::make_shared<const file>(file{type_of(name), hex(sha256(text).substr(0, etag_octets)),
                                                  std::make_shared<const std::string>(text), sibling(name + ".br"),
                                                  sibling(name + ".gz")});
    store.entries_.emplace(name, entry{std::move(data), false});
  }
  for (const auto& [plain, hashed] : *names) {
    auto& target = store.entries_.at(hashed);
    target.is_hashed = plain != hashed;
    store.entries_.emplace(plain, entry{target.data, false});
  }
  store.hashed_names_ = std::move(*names);
  return store;
}

std::string asset_store::path(std::string_view plain_name) const {
  auto at = hashed_names_.find(plain_name);
  return std::string{url_prefix}.append(at == hashed_names_.end() ? plain_name : std::string_view{at->second});
}

response asset_store::serve(const request& req, std::string_view name) const {
  auto at = entries_.find(name);
  if (at == entries_.end())
    return response::not_found(req);
  const auto& data = *at->second.data;
  auto coding = std::string_view{};
  auto body = data.plain;
  if (data.brotli && accepts(req, "br")) {
    coding = "br";
    body = data.brotli;
  } else if (data.gzip && accepts(req, "gzip")) {
    coding = "gzip";
    body = data.gzip;
  }
  auto etag = "\"" + data.etag + (coding.empty() ? "" : "-") + std::string{coding} + "\"";
  auto res = response{};
  res.headers.add("content-type", data.type);
  res.headers.add("cache-control", at->second.is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  res.headers.add("vary", "accept-encoding");
  res.headers.add("etag", etag);
  if (has_match(req.header("if-none-match"), etag)) {
    res.status = 304;
    return res;
  }
  if (!coding.empty())
    res.headers.add("content-encoding", std::string{coding});
  res.body = std::move(body);
  return res;
}

void asset_store::mount(router& routes) const {
  routes.get(std::string{url_prefix} + "*file",
             [this](const request& req, responder answer) { answer.send(serve(req, req.param("file"))); });
}

bool asset_store::static_changed(std::span<const std::string> tracked) const {
  auto is_ours = [&](const std::string& url) {
    auto text = std::string_view{url}.substr(0, url.find('?'));
    return std::ranges::any_of(hashed_names_, [&](const auto& names) {
      return text.ends_with(std::string{url_prefix} + names.first)
          || text.ends_with(std::string{url_prefix} + names.second);
    });
  };
  return !hashed_names_.empty() && !std::ranges::all_of(tracked, is_ours);
}

}  // namespace beamline::web
