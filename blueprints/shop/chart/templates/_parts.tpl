{{/* Names are short (web, api, database), since a release has a namespace to itself. */}}

{{/* Labels of an object; takes (dict "root" $ "component" "web"). */}}
{{- define "shop.labels" -}}
{{ include "shop.selector" . }}
app.kubernetes.io/part-of: shop
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What a selector matches: it can't be changed once applied, so it holds nothing that varies. */}}
{{- define "shop.selector" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* Image of web, api or worker. */}}
{{- define "shop.image" -}}
{{ printf "%s-%s:%s" .root.Values.image.repository .component .root.Values.image.tag | quote }}
{{- end }}

{{/* Changed settings start new pods. */}}
{{- define "shop.checksum" -}}
checksum/settings: {{ printf "%s%s" (include "shop.settings" .) (include "shop.secrets" .) | sha256sum }}
{{- end }}

{{- define "shop.pod" -}}
serviceAccountName: shop
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "shop.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Settings and secrets as environment variables. */}}
{{- define "shop.environment" -}}
- configMapRef:
    name: settings
- secretRef:
    name: database
{{- end }}
