
import django.db.models.deletion
import kefu.kit.moment
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('timeline', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data_kind', models.CharField(max_length=64, unique=True)),
                ('months', models.PositiveSmallIntegerField()),
                ('basis', models.CharField(max_length=200)),
                ('clauses', models.JSONField(default=list)),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'retention rule',
                'constraints': [models.CheckConstraint(condition=models.Q(('months__gt', 0)), name='privacy_retention_months')],
            },
        ),
        migrations.CreateModel(
            name='ErasureProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data_kind', models.CharField(max_length=64)),
                ('months', models.PositiveSmallIntegerField()),
                ('basis', models.CharField(max_length=200)),
                ('clauses', models.JSONField(default=list)),
                ('ended_before', models.DateTimeField()),
                ('count', models.PositiveIntegerField()),
                ('rows', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=kefu.kit.moment.now)),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'proof of erasure',
                'indexes': [models.Index(fields=['data_kind', 'id'], name='privacy_era_data_ki_6378c7_idx')],
            },
        ),
        migrations.CreateModel(
            name='ExportRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=64)),
                ('purpose', models.CharField(max_length=200)),
                ('columns', models.JSONField(default=list)),
                ('personal_columns', models.JSONField(default=list)),
                ('query', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('asked', 'Waiting for approval'), ('approved', 'Approved'), ('refused', 'Refused'), ('made', 'Made')], default='asked', max_length=10)),
                ('requested_at', models.DateTimeField(default=kefu.kit.moment.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('refusal', models.CharField(blank=True, max_length=200)),
                ('made_at', models.DateTimeField(null=True)),
                ('rows', models.PositiveIntegerField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('expires_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'export',
                'indexes': [models.Index(fields=['state', 'id'], name='privacy_exp_state_b3ff80_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('requested_by')), _negated=True), _connector='OR'), name='privacy_export_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'made'), _negated=True), models.Q(models.Q(('sha256', ''), _negated=True), ('rows__isnull', False)), _connector='OR'), name='privacy_export_made'), models.CheckConstraint(condition=models.Q(('purpose', ''), _negated=True), name='privacy_export_purpose')],
            },
        ),
        migrations.CreateModel(
            name='RevealLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=64)),
                ('field_class', models.CharField(max_length=16)),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField(default=kefu.kit.moment.now)),
                ('staff', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='timeline.subject')),
            ],
            options={
                'verbose_name': 'reveal',
                'indexes': [models.Index(fields=['staff', 'at'], name='privacy_rev_staff_i_2ee5fc_idx'), models.Index(fields=['subject', 'id'], name='privacy_rev_subject_9cc7ec_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='privacy_reveal_reason')],
            },
        ),
    ]
