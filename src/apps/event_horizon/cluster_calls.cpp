#include "apps/event_horizon/cluster_calls.hpp"

#include "apps/event_horizon/owners.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "pubsub/system.hpp"

#include <algorithm>
#include <vector>

namespace beamline::event_horizon::cluster {

namespace outbox = net::outbox;

namespace {

// Pages and posts may have the same name; a slug has no colon.
std::string key_of_page(const std::string& page) { return "page:" + page; }

template <wire_message M>
uid write(process& self, std::string key, const M& m, write_done done) {
  return execute_or_buffer(self, std::string{M::message_name}, std::move(key), encode(m), std::move(done));
}

std::vector<std::string> visitors_of(const std::string& visitor) {
  return visitor.empty() ? std::vector<std::string>{} : std::vector{visitor};
}

template <class Visits>
outbox::event_class class_of_visits(duration window) {
  return {.type = std::string{Visits::message_name},
          .when_full = outbox::overflow::drop_oldest,
          .coalesce = outbox::coalescing<Visits>(accumulator::merge_visits<Visits>),
          .within = window};
}

}  // namespace

outbox::class_table event_classes(duration visit_window) {
  return outbox::class_table{{{.type = std::string{accumulator::update_likes::message_name}},
                              {.type = std::string{accumulator::add_comment::message_name}},
                              class_of_visits<accumulator::increment_blog_visit>(visit_window),
                              class_of_visits<accumulator::increment_visit>(visit_window)}};
}

// -- writes -------------------------------------------------------------------------------------------

uid execute_or_buffer(process& self, std::string type, std::string key, bytes payload, write_done done) {
  auto e = outbox::make_event(self.env(), std::move(type), std::move(key), std::move(payload));
  auto id = e.id;
  outbox::execute_or_buffer(self, std::move(e), [&env = self.env(), done = std::move(done)](const outbox::outcome& o) {
    if (const auto* b = std::get_if<outbox::buffered>(&o))
      return done(*b);
    if (const auto* r = std::get_if<outbox::refused>(&o))
      return done(*r);
    auto answer = decode<accumulator::write_answer>(std::get<outbox::applied>(o).answer);
    if (!answer) {
      env.log().warn("event_horizon", "an answer of the accumulator cannot be read", {{"error", answer.error()}});
      return done(applied{});
    }
    done(applied{std::move(answer->stats), std::move(answer->count), std::move(answer->made)});
  });
  return id;
}

void increment_visit(process& self, const std::string& page, const std::string& visitor, write_done done) {
  write(self, key_of_page(page), accumulator::increment_visit{page, visitors_of(visitor), {}}, std::move(done));
}

void increment_blog_visit(process& self, const std::string& slug, const std::string& visitor, write_done done) {
  write(self, slug, accumulator::increment_blog_visit{slug, visitors_of(visitor), {}}, std::move(done));
}

void update_likes(process& self, const std::string& slug, const std::string& visitor, bool liked, write_done done) {
  write(self, slug, accumulator::update_likes{slug, visitor, liked, 0, {}}, std::move(done));
}

void update_likes(process& self, const std::string& slug, std::int64_t delta, write_done done) {
  write(self, slug, accumulator::update_likes{slug, {}, true, delta, {}}, std::move(done));
}

uid add_comment(process& self, accumulator::add_comment c, write_done done) {
  c.event_id = {};
  auto slug = c.slug;
  return write(self, std::move(slug), c, std::move(done));
}

// -- the cluster ------------------------------------------------------------------------------------------

cluster_status status(const environment& env) {
  cluster_status out;
  for (const auto& peer : env.peers().list()) {
    out.nodes.push_back(peer.identity.name);
    if (is_owner(env, peer))
      out.remote.push_back(peer.identity.name);
  }
  std::sort(out.nodes.begin(), out.nodes.end());
  std::sort(out.remote.begin(), out.remote.end());
  out.connected = !out.remote.empty();
  return out;
}

// -- reads ----------------------------------------------------------------------------------------------

bool has_prefix(const environment& env) {
  const auto* o = env.find<owners>();
  return o != nullptr && !o->remote_prefix.empty();
}

bool is_owner(const environment& env, const peer_info& peer) {
  if (!has_prefix(env))
    return is_owner({}, peer.identity.name, peer.role);
  return !peer.is_hidden && is_owner(env.get<owners>().remote_prefix, peer.identity.name, peer.role);
}

std::optional<std::string> owner_by_prefix(const environment& env) {
  if (!has_prefix(env))
    return std::nullopt;
  auto linked = env.peers().list();
  auto found = std::find_if(linked.begin(), linked.end(), [&](const peer_info& p) { return is_owner(env, p); });
  return found == linked.end() ? std::nullopt : std::optional{found->identity.name};
}

read_error read_error_from(const net::rpc::failure& f) {
  auto is_away = f.is(net::rpc::rpc_error::kind::noconnection);
  return {is_away ? read_error::cause::disconnected : read_error::cause::rpc_failed, to_string(f)};
}

void get_blog_stats(process& self, const std::string& slug,
                    std::function<void(const read_outcome<accumulator::blog_stats>&)> done) {
  execute_sync<accumulator::blog_stats>(self, accumulator::get_blog_stats{slug}, std::move(done));
}

void get_liked(process& self, const std::string& slug, const std::string& visitor,
               std::function<void(const read_outcome<accumulator::like_state>&)> done) {
  execute_sync<accumulator::like_state>(self, accumulator::get_liked{slug, visitor}, std::move(done));
}

void get_site_stats(process& self, std::function<void(const read_outcome<accumulator::site_stats>&)> done) {
  execute_sync<accumulator::site_stats>(self, accumulator::get_site_stats{}, std::move(done));
}

void get_realtime_count(process& self, const std::string& metric,
                        std::function<void(const read_outcome<accumulator::metric_count>&)> done) {
  execute_sync<accumulator::metric_count>(self, accumulator::get_count{metric}, std::move(done));
}

// -- broadcasts -------------------------------------------------------------------------------------------

result<pubsub::subscription_ptr> subscribe_to_metrics(process& self, std::string_view key) {
  if (!accumulator::parse_metric(key))
    return error{errc::invalid, "there is no metric \"" + std::string{key}
                                    + "\"; they are called site.visits, page.home.visits or blog.<slug>.likes"};
  return pubsub::system_of(self.env()).subscribe(self.self(), accumulator::metric_topic(key));
}

std::size_t unsubscribe_from_metrics(process& self, std::string_view key) {
  return pubsub::system_of(self.env()).unsubscribe(self.self(), accumulator::metric_topic(key));
}

result<pubsub::subscription_ptr> subscribe_blog_stats(process& self, std::string_view slug) {
  return pubsub::system_of(self.env()).subscribe(self.self(), accumulator::blog_topic(slug));
}

// -- the best-effort path -----------------------------------------------------------------------------------

tracker::tracker(process& self) : self_{self}, ids_{self.env().time(), self.env().random()} { begin_source(); }

void tracker::begin_source() {
  source_ = self_.env().self()->name + " " + ids_.next().str();
  sequence_ = 0;
}

std::set<node_identity> tracker::find_owners() const {
  std::set<node_identity> all;
  for (const auto& p : self_.env().peers().list())
    if (is_owner(self_.env(), p))
      all.insert(p.identity);
  // A node may host the blog and own the numbers.
  if (pubsub::system_of(self_.env()).subscribers(accumulator::analytics_topic().name()) > 0)
    all.insert(*self_.env().self());
  return all;
}

template <wire_message M>
result<uid> tracker::publish(const M& m) {
  auto owners = find_owners();
  auto is_heard = !owners.empty();
  // One that was away and comes back knows the source: what did not arrive shows as a gap.
  if (is_heard && owners != owners_) {
    if (!owners_.empty())
      begin_source();
    owners_ = std::move(owners);
  }
  auto id = ids_.next();
  auto number = is_heard ? sequence_ + 1 : 0;  // What is counted here is no gap for others.
  auto event = accumulator::tracked_event{id, std::string{M::message_name}, encode(m), source_, number};
  if (auto told = pubsub::system_of(self_.env()).broadcast(self_, accumulator::analytics_topic(), std::move(event));
      !told)
    return told.error();
  if (is_heard)
    ++sequence_;
  else
    self_.env().events().emit(accumulator::events_lost{"disconnected", 1});
  return id;
}

result<uid> tracker::track_blog_visit(const std::string& slug, const std::string& visitor) {
  return publish(accumulator::blog_visit{slug, visitor});
}

result<uid> tracker::track_blog_like(const std::string& slug, const std::string& visitor) {
  return publish(accumulator::blog_like{slug, visitor});
}

result<uid> tracker::track_unlike(const std::string& slug, const std::string& visitor) {
  return publish(accumulator::update_likes{slug, visitor, false, 0, {}});
}

result<uid> tracker::track_blog_comment(const std::string& slug, std::map<std::string, std::string> data) {
  return publish(accumulator::blog_comment{slug, std::move(data)});
}

result<uid> tracker::track_visit(const std::string& page, const std::string& visitor) {
  return publish(accumulator::increment_visit{page, visitors_of(visitor), {}});
}

}  // namespace beamline::event_horizon::cluster
