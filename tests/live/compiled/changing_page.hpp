#pragma once

#include "base/random.hpp"
#include "live/compiled/pages.hpp"
#include "live/page_model.hpp"
#include "testing/live/client_model.hpp"
#include "web/live/view_tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace compiled {

/// The members of `page`.
[[nodiscard]] const std::vector<std::string_view>& member_names();

/// A page of one of the drawn templates, whose state changes at random, and its client. Everything follows from the
/// seed. One at a time: its live components count in `tally::all_bumps`.
class changing_page {
public:
  changing_page(const page_template& shown, std::uint64_t seed);

  /// The view says `member = …`; the value may be the same.
  void change(std::string_view member);
  /// The value is another, and the member does not know.
  void change_silently(std::string_view member);
  /// It knows now that it changed.
  void mark(std::string_view member);
  /// The view renders again although nothing changed.
  void ask_again() noexcept { tree_.view_changed(); }
  /// Some members, the messages for the visitor, components by themselves; or nothing at all.
  void change();

  /// The join: everything is sent. This and `update` return what was sent.
  std::string join();
  /// What brings the client up to date, or the first part of it.
  std::string update();
  [[nodiscard]] bool has_more() const noexcept { return tree_.is_changed(); }
  /// Renders a message that is never sent.
  void lose_update();
  /// The browser says which components have left the page.
  void forget_components();

  /// What the client shows.
  [[nodiscard]] const std::string& shown() const noexcept { return client_.html(); }
  /// What a page that is rendered afresh shows.
  [[nodiscard]] std::string fresh() const;

  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }

private:
  [[nodiscard]] live::view_tree::render_function render() const;

  beamline::seeded_random random_;
  const page_template& template_;
  page::assigns assigns_;
  live::assign<live::flash_messages> flash_;
  beamline::testing::no_host host_;
  live::view_tree tree_;
  beamline::testing::client_model client_;
};

}  // namespace compiled
