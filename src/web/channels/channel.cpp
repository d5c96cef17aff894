#include "web/channels/channel.hpp"

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "web/channels/events.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

namespace beamline::web {

// -- its life ------------------------------------------------------------------------------

behavior channel::init() {
  asked_at_ = now();
  const auto params = std::exchange(setup_.params, json{});
  decide(join(topic(), as_json(params)));
  auto own = handlers([this](const channels::channel_event& e) { handle(e); },
                      [this](const channels::channel_broadcast& m) { handle(channels::event_of(m)); },
                      [this](const presence::presence_diff& m) { handle(channels::event_of(m)); },
                      [this](const channels::channel_drained&) { drained(); });
  auto more = messages();
  return more ? behavior{own.as_behavior_impl()->or_else(more.as_behavior_impl())} : own;
}

void channel::decide(const join_answer& answer) {
  if (const auto* ok = std::get_if<join_ok>(&answer))
    accept_join(ok->response);
  else if (const auto* refused = std::get_if<join_refused>(&answer))
    refuse_join(refused->response);
}

void channel::accept_join(const json& response) {
  if (phase_ != phase::deciding)
    throw std::logic_error{"the join of \"" + topic() + "\" was answered twice"};
  if (!setup_.at->pubsub.empty()) {
    auto lane = std::make_shared<channels::fast_lane>();
    lane->port = setup_.port;
    lane->id = setup_.id;
    lane->intercepted = std::move(intercepted_);
    lane_ = lane;
    auto subscribed =
        pubsub::system_of(env(), setup_.at->pubsub)
            .subscribe(self(), topic(), {.when_full = pubsub::overflow::disconnect, .metadata = std::move(lane)});
    if (!subscribed)
      throw std::runtime_error{"no subscription to \"" + topic() + "\": " + subscribed.error().message};
  }
  phase_ = phase::joined;
  setup_.port->join_ok(setup_.id, dump_json(response));
  env().events().emit(channels::channel_joined{setup_.at->route, true, now() - asked_at_});
  joined();
}

void channel::refuse_join(const json& response) {
  if (phase_ != phase::deciding)
    throw std::logic_error{"the join of \"" + topic() + "\" was answered twice"};
  phase_ = phase::refused;
  setup_.port->join_error(setup_.id, dump_json(response));
  env().events().emit(channels::channel_joined{setup_.at->route, false, now() - asked_at_});
  stop();
}

void channel::terminate(const reason& why) {
  if (phase_ == phase::joined) {
    try {
      closing(why);
    } catch (const std::exception& e) {
      env().log().error("web", "a channel threw while it was closing", {{"topic", topic()}, {"why", e.what()}});
    }
  }
  setup_.port->down(setup_.id, why.is_normal() ? channels::down_reason::normal : channels::down_reason::crashed);
}

void channel::closing(const reason&) {}

void channel::intercept(std::set<std::string, std::less<>> events) {
  if (phase_ != phase::deciding)
    throw std::logic_error{"\"" + topic() + "\" is joined; intercept events before that"};
  intercepted_ = std::move(events);
}

// -- what comes in -------------------------------------------------------------------------

void channel::handle(const channels::channel_event& e) {
  setup_.port->handled(setup_.id);
  const auto begun = now();
  handle_in(e.name, e.payload, reply_to{setup_.port, setup_.id, e.ref});
  env().events().emit<channels::event_handled>([&] {
    return channels::event_handled{setup_.at->route, e.name, now() - begun};
  });
}

/// A broadcast that did not take the fast lane: it is intercepted, or was not sent through the dispatcher of channels.
void channel::handle(const channels::client_event& e) {
  if (lane_ == nullptr || !lane_->intercepted.contains(e.event))
    return setup_.port->broadcast(setup_.id, channels::encode(topic(), e));
  if (lane_->waiting.load() > 0)
    lane_->waiting.fetch_sub(1);
  if (e.is_binary)
    return handle_out(std::string{e.event}, binary{bytes{e.data}});
  auto parsed = parse_json(e.data, {.bytes_max = e.data.size()});
  if (!parsed)
    throw std::runtime_error{"the broadcast \"" + std::string{e.event} + "\" is no JSON: " + parsed.error().message};
  handle_out(std::string{e.event}, *std::move(parsed));
}

void channel::handle_in(const std::string& event, const payload&, reply_to) {
  throw std::invalid_argument{"the channel \"" + topic() + "\" knows no event \"" + event + "\""};
}

const json& channel::as_json(const payload& p) {
  if (const auto* value = std::get_if<json>(&p))
    return *value;
  throw std::invalid_argument{"the message carries octets, expected JSON"};
}

const bytes& channel::as_octets(const payload& p) {
  if (const auto* octets = std::get_if<binary>(&p))
    return octets->data;
  throw std::invalid_argument{"the message carries JSON, expected octets"};
}

// -- what goes out -------------------------------------------------------------------------

void channel::push(const std::string& event, const payload& p) {
  if (phase_ == phase::deciding)
    throw std::logic_error{"push of \"" + event + "\" on \"" + topic()
                           + "\" before the join is accepted; see joined()"};
  if (auto objection = channels::objection_to_event(event); !objection.empty())
    throw std::invalid_argument{"push on \"" + topic() + "\": " + objection};
  if (const auto* octets = std::get_if<binary>(&p))
    setup_.port->push_binary(setup_.id, event, octets->data);
  else
    setup_.port->push(setup_.id, event, dump_json(std::get<json>(p)));
}

result<pubsub::system*> channel::find_system() const {
  if (setup_.at->pubsub.empty())
    return error{errc::unsupported, "the channels of \"" + setup_.at->route
                                        + "\" have no PubSub system; see user_socket::options::pubsub"};
  return &pubsub::system_of(env(), setup_.at->pubsub);
}

result<void> channel::broadcast(const std::string& event, const payload& p) {
  auto system = find_system();
  if (!system)
    return system.error();
  auto m = channels::make_broadcast(event, p);
  if (!m)
    return m.error();
  return (*system)->broadcast(*this, topic(), pubsub::topic_class::fire_and_forget, share(*std::move(m)),
                              {.dispatcher = std::string{channels::dispatcher_name}});
}

result<void> channel::broadcast_from(const std::string& event, const payload& p) {
  auto system = find_system();
  if (!system)
    return system.error();
  auto m = channels::make_broadcast(event, p);
  if (!m)
    return m.error();
  return (*system)->broadcast_from(*this, topic(), pubsub::topic_class::fire_and_forget, share(*std::move(m)),
                                   {.dispatcher = std::string{channels::dispatcher_name}});
}

}  // namespace beamline::web
