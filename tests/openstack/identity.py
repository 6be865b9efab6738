"""Debian's python3-keystoneclient, as it is, against an identity service: issue, look at, exchange and end tokens, list projects.

Arguments: URL USER PASSWORD DOMAIN PROJECT. Prints one JSON object of what the client made of the answers; nothing in it depends on
which server answered, so that two servers can be compared.
"""
import json
import sys

from keystoneauth1 import exceptions, session, token_endpoint
from keystoneauth1.identity import v3
from keystoneclient.v3 import client

url, user, password, domain, project = sys.argv[1:]
who = {'username': user, 'password': password, 'user_domain_name': domain}


def session_of(**scope):
    return session.Session(auth=v3.Password(url, **who, **scope))


def facts_of(access):
    return {
        'user': access.username,
        'domain': access.user_domain_name,
        'scoped': access.scoped,
        'project': access.project_name if access.project_scoped else None,
        'domain_scoped': access.domain_scoped,
        'has_catalog': access.has_service_catalog(),
        'has_roles': bool(access.role_ids),
        'will_expire_soon': access.will_expire_soon(60),
        'is_chained': bool(access.audit_chain_id),
    }


def refusal_of(call):
    try:
        call()
    except exceptions.HttpError as refused:
        return [type(refused).__name__, refused.http_status]
    return None


in_project = session_of(project_name=project, project_domain_name=domain)
in_domain = session_of(domain_name=domain)
unscoped = session_of(unscoped=True)
keystone = client.Client(session=in_project)
around = client.Client(session=unscoped, endpoint_override=url)
exchanged = session.Session(auth=v3.Token(url, unscoped.get_token(), project_name=project, project_domain_name=domain))
tokens = {name: each.auth.get_access(each) for name, each in
          (('project', in_project), ('domain', in_domain), ('unscoped', unscoped), ('exchanged', exchanged))}
looked_at = keystone.tokens.validate(tokens['project'].auth_token)
spare = session_of(project_name=project, project_domain_name=domain).get_token()
me = tokens['project'].user_id
seen = {
    'issued': {name: facts_of(access) for name, access in tokens.items()},
    'exchanged_ends_with_the_first': tokens['exchanged'].expires == tokens['unscoped'].expires,
    'methods': sorted(tokens['exchanged']._data['token']['methods']),
    'looked_at': facts_of(looked_at),
    'looked_at_is_it': looked_at.user_id == me and looked_at.expires == tokens['project'].expires,
    'catalog_when_unwanted': keystone.tokens.get_token_data(spare, include_catalog=False)['token'].get('catalog', []),
    'projects': [each.name for each in keystone.projects.list()],
    'projects_by_name': [each.name for each in keystone.projects.list(name=project)],
    'my_projects': [each.name for each in around.auth.projects()],
    'projects_of_the_user': [each.name for each in keystone.projects.list(user=me)],
    'project': keystone.projects.get(tokens['project'].project_id).name,
    'domains': [each.name for each in keystone.domains.list()],
    'me': keystone.users.get(me).name,
    'identity_endpoint_is_ours': in_project.get_endpoint(service_type='identity', interface='public') == url,
    'revoking_is': refusal_of(lambda: keystone.tokens.revoke_token(spare)),
    'revoked_token_is': refusal_of(lambda: keystone.tokens.validate(spare)),
    'revoked_caller_is': refusal_of(lambda: client.Client(session=session.Session(
        auth=token_endpoint.Token(url, spare)), endpoint_override=url).auth.projects()),
    'wrong_password_is': refusal_of(lambda: session.Session(
        auth=v3.Password(url, username=user, password='wrong', user_domain_name=domain)).get_token()),
    'unknown_project_is': refusal_of(lambda: keystone.projects.get('0' * 32)),
}
print(json.dumps(seen, sort_keys=True, indent=1))
