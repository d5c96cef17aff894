#include "sim/outbox/checkers/shown_numbers.hpp"

#include "apps/event_horizon/events.hpp"
#include "sim/outbox/setup.hpp"
#include "sim/outbox/tables.hpp"
#include "testing/simulated_node.hpp"

namespace beamline::sim_outbox {

void shown_numbers::on_start(testing::simulated_node& n) {
  using event_horizon::stats_learned;
  listen<stats_learned>(n, [this, run = n.incarnation(), host = n.name()](const stats_learned& e) {
    std::string slug{e.slug};
    auto shown = last_.try_emplace({run, slug}, -1).first;
    if (e.version <= shown->second)
      return fail(host + " shows version " + std::to_string(e.version) + " of " + slug + " after "
                  + std::to_string(shown->second) + " (I42)");
    shown->second = e.version;
    auto known = likes_.try_emplace({slug, e.version}, e.likes).first;
    if (known->second != e.likes)
      fail(host + " shows " + std::to_string(e.likes) + " likes of " + slug + " as version " + std::to_string(e.version)
           + ", and there were " + std::to_string(known->second) + " (I42)");
  });
}

void shown_numbers::at_end(testing::world& w) {
  auto b = read_books(w, accumulator_node);
  for (const auto& shown : likes_) {
    const auto& [slug, version] = shown.first;
    if (version > b.posts[slug].version)
      return fail("version " + std::to_string(version) + " of " + slug + " was shown, and the database has "
                  + std::to_string(b.posts[slug].version) + " (I42)");
  }
}

}  // namespace beamline::sim_outbox
