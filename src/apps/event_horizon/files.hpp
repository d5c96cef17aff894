#pragma once

#include "apps/event_horizon/catalogue.hpp"
#include "supervision/executor.hpp"
#include "web/router.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

// Files kept in memory, together; those not asked for longest go first. One larger than a quarter of it is never kept.
inline constexpr std::size_t files_cache_bytes_max = 32 * 1024 * 1024;
// Files being read for visitors; one more is answered 503 with Retry-After.
inline constexpr std::size_t file_reads_max = 64;

/// Serves the files beside the posts: GET /files/<path>.
///
/// Only what the last look at the folder found is served, so no path leads elsewhere. Answers carry the file's type, an
/// ETag, and a security policy under which a picture or document runs nothing. Reading happens on the executor; what is
/// asked for often stays in memory. Thread-safe.
class content_files {
public:
  content_files(catalogue posts, std::shared_ptr<supervision::executor> disk)
      : posts_{std::move(posts)}, disk_{std::move(disk)}, shelf_{std::make_shared<shelf>()} {}

  /// The files must outlive the routes.
  void mount(web::router& routes) const;
  void serve(std::string_view path, web::responder answer) const;

private:
  using content = std::shared_ptr<const std::string>;

  /// What is in memory, by ETag and path.
  class shelf {
  public:
    [[nodiscard]] content find(const std::string& key);
    void put(const std::string& key, content what);
    /// False: too many are being read.
    [[nodiscard]] bool begin_read();
    void end_read();

  private:
    struct entry {
      content what;
      std::list<std::string>::iterator at;
    };
    std::mutex mutex_;
    std::map<std::string, entry> entries_;
    std::list<std::string> keys_;  // Asked for longest ago first.
    std::size_t octets_ = 0;
    std::size_t reads_ = 0;
  };

  catalogue posts_;
  std::shared_ptr<supervision::executor> disk_;
  std::shared_ptr<shelf> shelf_;  // Shared with reads that are under way.
};

}  // namespace beamline::event_horizon
