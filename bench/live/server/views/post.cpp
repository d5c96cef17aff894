#include "live/server/views/post.hpp"

#include "bench/live/server/views/post.heex.hpp"
#include "live/server/sources.hpp"

#include <vector>

namespace beamline::bench {

namespace {

constexpr std::int64_t comments = 100;

/// The same for all, as a catalogue would have it.
const std::vector<post::comment>& all_comments() {
  static const auto all = [] {
    std::vector<post::comment> out;
    for (std::int64_t i = 1; i <= comments; ++i)
      out.push_back(
          {i, "Visitor " + std::to_string(i), "What a \"fine\" post this is, & how short: " + std::to_string(i)});
    return out;
  }();
  return all;
}

}  // namespace

void post::mount(const web::live::mount_params& p, web::live::view_socket& s) {
  const auto* slug = find_string(p.params, "slug");
  assigns_.heading = slug == nullptr ? "" : *slug;
  assigns_.text = "Actors that fail are started anew, and nobody else hears of it.";
  assigns_.comments.insert_all(all_comments());
  subscribe(s, likes_topic());
}

void post::handle_event(const web::live::event& e, web::live::view_socket& s) {
  if (e.name != "like")
    return view::handle_event(e, s);
  s.cast(s.env().get<sources>().scoreboard, like{});
}

void post::handle_info(const likes_changed& m, web::live::view_socket&) { assigns_.likes = m.likes; }

web::live::rendered post::render(web::live::render_context& c) const { return render_template(assigns_, c); }

std::string post::title() const { return assigns_.heading; }

}  // namespace beamline::bench
