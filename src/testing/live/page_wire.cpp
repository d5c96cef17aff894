// Messages: what is sent, what comes, and what becomes of it.

#include "base/url.hpp"
#include "testing/live/page_patch.hpp"
#include "testing/live/page_socket.hpp"

#include <algorithm>

namespace beamline::testing {

using namespace beamline::web;

namespace {

std::string cut(const std::string& text) { return text.size() <= 2000 ? text : text.substr(0, 2000) + "..."; }

}  // namespace

void page_core::open_socket() {
  auto target = browser_.settings().socket_path + "?vsn=2.0.0";
  document_->each_element([&](dom_node& n) {
    if (n.name() == "meta" && n.attribute("name") == "csrf-token")
      target += "&_csrf_token=" + percent_encode(n.attribute("content"), url_part::query_component);
  });
  const auto req = browser_.make_request("GET", target, {});
  const auto found = browser_.routes().find(http_method::get, req.segments);
  if (found.accept == nullptr)
    throw page_error{"there is no WebSocket at " + browser_.settings().socket_path
                     + "; call endpoint::connect, or set browser::options::socket_path"};
  auto accepted = (*found.accept)(req);
  if (!accepted)
    throw page_error{"the server refused the WebSocket: " + accepted.error().message};
  handler_ = *std::move(accepted);
  socket_ = std::make_shared<recording_socket>();
  is_open_ = true;
  close_code_ = 0;
  handler_->on_open(socket_);
}

void page_core::close_socket() {
  if (handler_ != nullptr && browser_.is_node_up())
    handler_->on_closed({});
  else
    (void)handler_.release();  // Its node is gone, and what it refers to with it.
  handler_.reset();
  socket_.reset();
  is_open_ = false;
}

void page_core::send(page_view& v, const std::string& ref, std::string_view event, const json& payload) {
  const auto message = dump_json(json::array({v.join_ref, ref, v.topic(), event, payload}));
  log_ += ">> " + cut(message) + "\n";
  if (is_open_ && browser_.is_node_up())
    handler_->on_text(message);
}

void page_core::settle() {
  for (;;) {
    the_world().run();
    if (socket_ == nullptr)
      return;
    if (socket_->inbox.empty())
      break;
    while (socket_ != nullptr && !socket_->inbox.empty()) {
      const auto message = std::move(socket_->inbox.front());
      socket_->inbox.pop_front();
      handle(message);
    }
    if (socket_ != nullptr && is_open_) {
      drop_missing_views();
      join_new_views();
      for (std::size_t i = 0; i < views_.size(); ++i)
        drop_missing_components(*views_[i]);
    }
  }
  if (is_open_ && socket_->closed_with != 0) {
    close_code_ = socket_->closed_with;
    close_socket();
  }
  if (!crashed_.empty() && !is_crash_expected_) {
    const auto id = std::exchange(crashed_, {});
    throw page_error{"the view " + id
                     + " has crashed; the node's log says why. If it should, say so with live_page::expect_crash.\n"
                       "Last messages:\n"
                     + (log_.size() > 1500 ? "..." + log_.substr(log_.size() - 1500) : log_)};
  }
}

json page_core::request(page_view& v, std::string_view event, json payload) {
  if (!is_open_)
    throw page_error{"the page is not connected: " + std::string{event} + " goes nowhere"};
  const auto id = v.id;
  const auto ref = next_ref();
  const auto join_ref = v.join_ref;
  send(v, ref, event, payload);
  const auto is_over = [&] {
    const auto* still = find_view(id);
    return still == nullptr || still->join_ref != join_ref || still->now != page_view::state::joined || !is_open_
        || still->replies.contains(ref) || departure_.has_value();
  };
  settle();
  while (!is_over()) {
    const auto waits = [&] { return socket_ != nullptr && (!socket_->inbox.empty() || socket_->closed_with != 0); };
    if (!the_world().run_until(waits, 30s))
      throw page_stuck{"no answer to " + std::string{event} + " " + cut(dump_json(payload))
                       + " within 30 s: the client would load the page anew"};
    settle();
  }
  auto* still = find_view(id);
  if (still == nullptr || !still->replies.contains(ref))
    return nullptr;
  return std::move(still->replies.extract(ref).mapped());
}

void page_core::handle(const std::string& text) {
  log_ += "<< " + cut(text) + "\n";
  const auto parsed = parse_json(text, {.bytes_max = 64 * 1024 * 1024, .depth_max = 512});
  if (!parsed || !parsed->is_array() || parsed->size() != 5 || !(*parsed)[2].is_string() || !(*parsed)[3].is_string())
    throw page_stuck{"the server sent something that is no message: " + cut(text)};
  const auto& m = *parsed;
  if (m[0].is_number() || m[1].is_number())
    throw page_stuck{"refs must be strings, else the client hangs: " + cut(text)};
  const auto topic = m[2].get<std::string>();
  auto* v = topic.starts_with("lv:") ? find_view(topic.substr(3)) : nullptr;
  if (v == nullptr || (m[0].is_string() && m[0] != v->join_ref))
    return;  // Of an earlier join, or of a view that is gone.
  const auto event = m[3].get<std::string>();
  const auto& payload = m[4];
  if (event == "phx_reply")
    return handle_reply(*v, m[1].is_string() ? m[1].get<std::string>() : "", payload);
  if (event == "phx_error")
    return crash(*v);
  if (event == "phx_close") {
    if (v->now != page_view::state::crashed)
      v->now = page_view::state::closed;
    if (v->is_main && !departure_)
      throw page_stuck{
          "the main view ended with phx_close but nothing leads elsewhere: the page looks alive but is dead"};
    return;
  }
  if (v->now != page_view::state::joined)
    throw page_stuck{event + " before the answer to the join: the client drops it"};
  if (event == "diff")
    apply(*v, payload, false);
  else if (event == "live_patch") {
    set_path(payload.at("to").get<std::string>());
    patches_.push_back(path_);
  } else if (event == "live_redirect" || event == "redirect")
    take_redirect({{event, payload}});
}

void page_core::handle_reply(page_view& v, const std::string& ref, const json& payload) {
  const auto status = payload.at("status").get<std::string>();
  const auto& response = payload.at("response");
  if (ref == v.join_ref)
    return status == "ok" ? joined(v, response) : refused(v, response);
  if (status != "ok")
    throw page_stuck{"an event was answered with \"" + status + "\": the client leaves its element locked. "
                     + dump_json(response)};
  if (const auto* diff = find_object(response, "diff"))
    apply(v, *diff, false);
  v.replies[ref] = response;
  take_redirect(response);
}

void page_core::take_redirect(const json& response) {
  const auto text = [](const json& from, const char* name) {
    const auto* found = find_string(from, name);
    return found == nullptr ? std::string{} : *found;
  };
  if (const auto* live = find_object(response, "live_redirect"))
    departure_ = page_departure{page_departure::kind::navigate, text(*live, "to"), text(*live, "flash")};
  else if (const auto* page = find_object(response, "redirect"))
    departure_ = page_departure{page_departure::kind::load, text(*page, "to"), text(*page, "flash")};
}

void page_core::joined(page_view& v, const json& response) {
  v.now = page_view::state::joined;
  ++v.mounts;
  v.attempts = 0;
  v.flash.clear();
  auto forms = v.mounts > 1 ? forms_to_recover(v) : std::vector<saved_form>{};
  if (const auto* container = find_array(response, "container"); container != nullptr && container->size() == 2)
    for (const auto& [name, value] : container->at(1).items())
      container_of(v).set_attribute(name, value.get<std::string>());
  v.model = client_model{true};
  v.events_seen = 0;
  apply(v, response.at("rendered"), true);
  if (const auto* patch = find_object(response, "live_patch"))
    set_path(patch->at("to").get<std::string>());
  recover(v, std::move(forms));
}

void page_core::refused(page_view& v, const json& response) {
  ++v.attempts;
  v.now = page_view::state::closed;
  v.refusal = response;
  const auto* reason = find_string(response, "reason");
  if (response.contains("live_redirect") || response.contains("redirect"))
    return take_redirect(response);
  if (reason != nullptr && *reason == "unauthorized" && !v.redirect.empty()) {
    departure_ = page_departure{page_departure::kind::load, v.redirect, v.flash};  // Not of this live session.
    return;
  }
  if (reason != nullptr && *reason == "reload") {
    browser_.set_cookie("__phoenix_reload_status__", response.value("token", ""));
    departure_ = page_departure{page_departure::kind::load, path_};
    return;
  }
  if (reason != nullptr && *reason == "join crashed") {
    v.now = page_view::state::joined;
    return crash(v);
  }
  throw page_error{"the join of view " + v.id + " was refused: " + dump_json(response)};
}

void page_core::crash(page_view& v) {
  if (v.now == page_view::state::closed)
    return;
  v.now = page_view::state::crashed;
  crashed_ = v.id;
  destroy_children(v.id, true);
}

void page_core::apply(page_view& v, const json& diff, bool is_join) {
  const auto before = components_in_page(v);
  const auto has_tree = std::ranges::any_of(
      diff.items(), [](const auto& e) { return e.key() != "e" && e.key() != "r" && e.key() != "t"; });
  if (is_join)
    v.model.join(diff);
  else if (has_tree || !v.model.html().empty() || diff.contains("t"))
    v.model.diff(diff);
  // Events are told in the order in which the page's scripts hear of them; a test looks at both after the patch.
  for (auto at = v.events_seen; at < v.model.events().size(); ++at) {
    const auto& e = v.model.events()[at];
    if (!e.is_array() || e.size() < 2 || !e[0].is_string() || !e[1].is_object())
      throw page_stuck{"a pushed event must be [name, object]: " + dump_json(e)};
    events_.push_back({e[0].get<std::string>(), e[1]});
  }
  v.events_seen = v.model.events().size();
  if (is_join || has_tree) {
    auto& container = container_of(v);
    const auto key_of_focused = [&](dom_node& root, const dom_node* wanted) {
      auto found = std::string{};
      each_field(root, [&](dom_node& n, const std::string& key) {
        if (&n == wanted)
          found = key;
      });
      return found;
    };
    const auto key = focused_ == nullptr ? std::string{} : key_of_focused(container, focused_);
    patch_container(container, {v.model.html(), &v.model.streams(), is_join, focused_});
    patch_components_in_streams(v, diff);
    if (!key.empty()) {
      focused_ = nullptr;
      each_field(container, [&](dom_node& n, const std::string& k) {
        if (k == key)
          focused_ = &n;
      });
    }
    check_unique_ids(*document_);
    for (const auto& [id, again] : lasting_)
      if (auto* n = container.find_id(id))
        again(*n);
    check_triggered_forms(container);
  }
  if (v.is_main)
    set_title(v, is_join, diff.contains("t"));
}

/// The items of streams are in the page and nowhere else, but their components live on: the client patches their
/// elements.
void page_core::patch_components_in_streams(page_view& v, const json& diff) {
  const auto in_tree = v.model.shown_components();
  if (!diff.contains("c"))
    return;
  for (const auto& [cid, content] : diff.at("c").items()) {
    auto* element = in_tree.contains(std::stoull(cid)) ? nullptr : find_component(v, cid);
    if (element == nullptr)
      continue;
    const auto made = parse_fragment(v.model.component_html(cid));
    const auto& fresh = *made->children().front();
    const auto old = element->attributes();
    for (const auto& [name, value] : old)
      if (!name.starts_with("data-phx-") && !fresh.has_attribute(name))
        element->remove_attribute(name);
    for (const auto& [name, value] : fresh.attributes())
      element->set_attribute(name, value);
    patch_container(*element, {fresh.inner_html(), &v.model.streams(), false, focused_});
  }
}

}  // namespace beamline::testing
