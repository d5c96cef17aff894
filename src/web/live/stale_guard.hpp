#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// How often a browser has loaded pages one shortly after the other; travels in a cookie of the page, so that it is the
/// same whichever node answers, and costs the server nothing.
///
/// A join that is answered `stale` makes the browser load the page at once. Where that helps nothing, because the page
/// sends no CSRF token, because the nodes of a site have different secrets or builds, it goes on for ever, eleven times
/// a second (protocol note, trap 6). A join that is stale on a page which was loaded this moment, by a browser that
/// has loaded several in a row, is therefore answered as a crash: the browser then waits 5 to 10 seconds, and after ten
/// failures 30.
///
/// Pure. The cookie is not signed: who forges it slows down nobody else.
class load_chain {
public:
  static constexpr std::string_view cookie = "_beamline_loads";
  // A page loaded later than this after the one before begins a new chain.
  static constexpr std::int64_t gap_max_s = 45;
  // So many loads are no accident.
  static constexpr std::int64_t loads_suspicious = 5;
  // A page that is older than this was not loaded because of a stale join; it may be stale because of a deploy.
  static constexpr std::int64_t fresh_s = 10;
  // Counting ends here.
  static constexpr std::int64_t loads_max = 1000;

  load_chain() = default;
  /// From the cookie; whatever is not one of ours is an empty chain.
  explicit load_chain(std::optional<std::string_view> cookie_value);

  /// Another page is loaded now.
  [[nodiscard]] load_chain next(wall_time now) const;
  [[nodiscard]] std::string to_cookie_value() const;
  /// Whether answering a join `stale` now would only repeat what has just been tried.
  [[nodiscard]] bool is_loop(wall_time now) const;
  [[nodiscard]] std::int64_t loads() const noexcept { return loads_; }

private:
  std::int64_t loads_ = 0;
  std::int64_t last_s_ = 0;  // Seconds of the wall clock.
};

}  // namespace beamline::web::live
