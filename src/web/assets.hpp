#pragma once

#include "base/result.hpp"
#include "web/router.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace beamline::web {

// All assets live in memory; a directory with more octets than this (compressed forms included) is refused.
inline constexpr std::size_t assets_bytes_max = 64 * 1024 * 1024;

/// Scripts, styles, images and fonts, as the asset build leaves them: a directory with `manifest.json`, which maps
/// plain names to names that contain a hash (`{"app.js":"app-3F2A.js"}`), and the files, some with `.br` and `.gz`
/// siblings. Immutable after loading, thread-safe. Only names found then are ever served, so no path leads
/// elsewhere.
///
/// Hashed names may be cached for ever; plain names and files outside the manifest are revalidated by ETag.
class asset_store {
public:
  static constexpr std::string_view url_prefix = "/assets/";

  /// Reads everything. `not_found` when the directory or its manifest is missing, `corrupt` when the manifest is
  /// malformed or names a missing file, `too_large` above `assets_bytes_max`.
  [[nodiscard]] static result<asset_store> load(const std::filesystem::path& dir);

  /// The URL path of an asset by its plain name: `/assets/app-3F2A.js`. An unknown name gives `/assets/` + name, so
  /// that the browser's console shows what is missing.
  [[nodiscard]] std::string path(std::string_view plain_name) const;

  /// Serves `name`, the path below `/assets/`; 304 when the client has it, 404 when there is none.
  [[nodiscard]] response serve(const request& req, std::string_view name) const;

  /// Adds `GET /assets/*` to `routes`; the store must outlive them.
  void mount(router& routes) const;

  /// Whether a page that loaded `tracked` (absolute URLs of its `phx-track-static` elements) is out of date: some
  /// URL is no longer one of ours. Never true for an empty list.
  [[nodiscard]] bool static_changed(std::span<const std::string> tracked) const;

private:
  using content = std::shared_ptr<const std::string>;
  struct file {
    std::string type;
    std::string etag;  // Without quotes.
    content plain;
    content brotli;  // Null when there is no such sibling.
    content gzip;
  };
  struct entry {
    std::shared_ptr<const file> data;
    bool is_hashed = false;
  };
  std::map<std::string, entry, std::less<>> entries_;
  std::map<std::string, std::string, std::less<>> hashed_names_;
};

}  // namespace beamline::web
